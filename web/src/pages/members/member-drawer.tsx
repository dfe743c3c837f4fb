import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Drawer } from "../../ui/drawer.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { MemberActions } from "./member-actions.tsx";
import { MemberDetails } from "./member-details.ts";
import { MemberFacts } from "./member-facts.tsx";
import { MemberFlagsSection } from "./member-flags-section.tsx";
import { MemberRolesForm } from "./member-roles-form.tsx";

const MemberInDrawer = graphql(`
  query MemberInDrawer($slug: String!, $id: ID!) {
    organization(slug: $slug) {
      id
      member(by: { id: $id }) {
        id
        ...MemberDetails
      }
    }
    teamRoles {
      ...TeamRoleChoice
    }
  }
`);

export interface MemberDrawerProps {
  /** Null: closed. */
  id: string | null;
  onClose: () => void;
}

/** Everything about one member, at the side of the list. */
export function MemberDrawer({ id, onClose }: MemberDrawerProps) {
  return (
    <Drawer title="Member" isOpen={id !== null} onClose={onClose}>
      {id !== null && <Content key={id} id={id} onClose={onClose} />}
    </Drawer>
  );
}

function Content({ id, onClose }: { id: string; onClose: () => void }) {
  const { slug } = useOrganization();
  const [{ data, error }, read] = useQuery({ query: MemberInDrawer, variables: { slug, id } });
  const member = getFragmentData(MemberDetails, data?.organization?.member);

  if (!data)
    return error ? <ErrorState failure={failureOf(error)} onRetry={read} /> : <SkeletonRows count={5} />;
  if (!member) {
    return (
      <EmptyState title="Not a member any more">
        This member is gone, or you may not see who it is.
      </EmptyState>
    );
  }

  return (
    <>
      <MemberFacts member={member} />
      <MemberRolesForm member={member} teamRoles={data.teamRoles} />
      <MemberFlagsSection member={member} />
      <MemberActions member={member} onGone={onClose} />
    </>
  );
}

import { useQuery } from "urql";
import type { InviteChoicesQuery } from "../../gql/graphql.ts";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";

const InviteChoices = graphql(`
  query InviteChoices($slug: String!) {
    organization(slug: $slug) {
      id
      defaultRole {
        id
      }
      viewerInvitableRoles {
        id
        name
        description
        isTeamRolesAllowed
      }
    }
    roles {
      id
      name
      description
      isRetired
      isTeamRolesAllowed
    }
    service {
      features
    }
  }
`);

/** What one has to know of a role to invite somebody with it. */
export type RoleChoice = NonNullable<InviteChoicesQuery["organization"]>["viewerInvitableRoles"][number];

export interface Choices {
  /** Roles that the caller may give, lowest first. */
  invitable: readonly RoleChoice[];
  /** Roles that the caller may ask for. */
  requestable: readonly RoleChoice[];
  defaultRole: string;
  /** Whether invites are mailed here. If not, links are passed on by hand. */
  isMailed: boolean;
}

/** What can be chosen for an invite. Undefined until it is known. */
export function useInviteChoices(): Choices | undefined {
  const { slug } = useOrganization();
  const [{ data }] = useQuery({ query: InviteChoices, variables: { slug } });
  if (!data?.organization) return undefined;
  const { viewerInvitableRoles, defaultRole } = data.organization;
  return {
    invitable: viewerInvitableRoles,
    requestable: data.roles.filter(({ isRetired }) => !isRetired),
    defaultRole: defaultRole.id,
    isMailed: data.service.features.includes("mail_invites"),
  };
}

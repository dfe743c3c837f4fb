import { Building2 } from "lucide-react";
import { useState } from "react";
import { Navigate } from "react-router";
import { useQuery } from "urql";
import { failureOf } from "../../api/errors.ts";
import { graphql } from "../../gql/index.ts";
import { BarePage } from "../../shell/bare-page.tsx";
import { CreateOrganizationDialog } from "../../shell/create-organization-dialog.tsx";
import { lastOrganization } from "../../shell/last-organization.ts";
import { Loading } from "../../shell/loading.tsx";
import { paths } from "../../shell/paths.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LinkButton } from "../../ui/link-button.tsx";

const Home = graphql(`
  query Home {
    viewer {
      canCreateOrganization
    }
    organizations(first: 100) {
      nodes {
        id
        slug
      }
    }
  }
`);

/** Leads to the organization that was open last, else to the first one. */
export function Component() {
  const [{ data, error }, read] = useQuery({ query: Home });
  const [isCreating, setCreating] = useState(false);

  if (!data) {
    if (!error) return <Loading />;
    return (
      <BarePage>
        <ErrorState failure={failureOf(error)} level={1} onRetry={read} />
      </BarePage>
    );
  }

  const organizations = data.organizations.nodes;
  const last = organizations.find(({ slug }) => slug === lastOrganization()) ?? organizations[0];
  if (last) return <Navigate replace to={paths.organization(last.slug)} />;

  return (
    <BarePage>
      <EmptyState
        icon={<Building2 size={28} />}
        title="You are in no organization yet"
        level={1}
        actions={
          <>
            {data.viewer?.canCreateOrganization && (
              <Button variant="primary" onPress={() => setCreating(true)}>
                Create an organization
              </Button>
            )}
            <LinkButton href={paths.account}>Your account</LinkButton>
          </>
        }
      >
        To join one, open the link in the mail that invites you.
      </EmptyState>
      <CreateOrganizationDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </BarePage>
  );
}

import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";

const Ownership = graphql(`
  query Ownership($slug: String!) {
    roles {
      id
      priority
    }
    organization(slug: $slug) {
      id
      viewerMembership {
        id
        role {
          id
          priority
        }
      }
    }
  }
`);

/** Whether the caller has the highest role there is, and with their credential may hand it over. */
export function useIsOwner(): boolean {
  const { slug, can } = useOrganization();
  const [{ data }] = useQuery({ query: Ownership, variables: { slug } });
  const own = data?.organization?.viewerMembership?.role.priority;
  const isHighest = own !== undefined && data?.roles.every(({ priority }) => priority <= own) === true;
  return isHighest && can("org:admin") && can("member:admin");
}

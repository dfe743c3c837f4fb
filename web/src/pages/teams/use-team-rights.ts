import { useCallback } from "react";
import { useQuery } from "urql";
import { graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { type RightsOfTeam, rightsOf, type TeamRights } from "./team-rights.ts";

/** What of a team the caller's rights depend on. */
export const TeamForRights = graphql(`
  fragment TeamForRights on Team {
    id
    isIdpProvisioned
    viewerCanJoin
    viewerCanUpdate
    viewerMembership {
      id
      effectiveRole {
        id
        name
        priority
        scopes
      }
    }
  }
`);

const TeamStanding = graphql(`
  query TeamStanding($slug: String!) {
    organization(slug: $slug) {
      id
      options {
        openMembership
      }
      viewerMembership {
        id
        role {
          id
          isGlobal
          isTeamRolesAllowed
          minimumTeamRole {
            id
            priority
          }
        }
      }
    }
  }
`);

export interface RightsInTeams {
  /** The caller's membership in the organization, if there is one. */
  ownMemberId: string | null;
  rightsIn: (team: RightsOfTeam) => TeamRights;
}

/** What the caller may do in the teams of the open organization. Null until that is known. */
export function useTeamRights(): RightsInTeams | null {
  const { slug, can, isSuperuser } = useOrganization();
  const [{ data }] = useQuery({ query: TeamStanding, variables: { slug } });
  const organization = data?.organization;
  const member = organization?.viewerMembership ?? null;
  const isOpen = organization?.options?.openMembership ?? false;

  const rightsIn = useCallback(
    (team: RightsOfTeam) => rightsOf(team, { can, isSuperuser, isOpen, member }),
    [can, isSuperuser, isOpen, member],
  );
  return organization ? { ownMemberId: member?.id ?? null, rightsIn } : null;
}

import { graphql } from "../../gql/index.ts";

/** What the drawer shows of a member, and what the caller may do with them. */
export const MemberDetails = graphql(`
  fragment MemberDetails on Member {
    id
    name
    email
    isPending
    isViewer
    isOnlyOwner
    hasTwoFactor
    createdAt
    viewerCanRemove
    viewerCanUpdateRoles
    role {
      id
      ...OrgRoleChoice
    }
    assignableRoles {
      ...OrgRoleChoice
    }
    teamMemberships {
      id
      team {
        id
        name
        slug
        isIdpProvisioned
      }
      role {
        id
        name
      }
      effectiveRole {
        id
        name
      }
    }
    flags {
      idpProvisioned
      idpRoleRestricted
      memberLimitRestricted
      partnershipRestricted
      ssoInvalid
      ssoLinked
    }
    invite {
      id
      expiresAt
      inviter {
        id
        name
      }
    }
    user {
      id
      isEmailVerified
      avatar {
        ...AvatarImage
      }
    }
  }
`);

/** What one has to know of an org role to choose it. */
export const OrgRoleChoice = graphql(`
  fragment OrgRoleChoice on OrgRole {
    id
    name
    description
    priority
    isTeamRolesAllowed
    minimumTeamRole {
      id
      name
      priority
    }
  }
`);

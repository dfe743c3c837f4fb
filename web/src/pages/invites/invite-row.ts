import { graphql } from "../../gql/index.ts";

/** What the lists show of an invite or request, and what the caller may do with it. */
export const InviteRow = graphql(`
  fragment InviteRow on Invite {
    id
    email
    status
    createdAt
    expiresAt
    viewerCanDecide
    viewerCanResend
    viewerCanRevoke
    delivery {
      attempts
      lastError
      lastSentAt
      status
    }
    inviter {
      id
      name
    }
    member {
      id
    }
    role {
      id
      name
    }
    teams {
      id
      name
      slug
    }
  }
`);

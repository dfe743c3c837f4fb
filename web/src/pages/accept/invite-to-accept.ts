import { graphql } from "../../gql/index.ts";

/** What the link of an invite leads to, and who has opened it. */
export const InviteToAccept = graphql(`
  query InviteToAccept($token: String!) {
    viewer {
      user {
        id
        name
        email
      }
    }
    invitePreview(token: $token) {
      expiresAt
      inviterName
      isExistingMember
      isExpired
      organizationId
      organizationName
      organizationSlug
      requirements
      ssoProvider
      organizationAvatar {
        ...AvatarImage
      }
      role {
        id
        name
        description
      }
    }
  }
`);

export const AcceptInvite = graphql(`
  mutation AcceptInvite($input: AcceptInviteInput!) {
    acceptInvite(input: $input) {
      organization {
        id
        name
        slug
      }
      member {
        id
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const LinkSsoToAccept = graphql(`
  mutation LinkSsoToAccept($input: LinkSsoIdentityInput!) {
    linkSsoIdentity(input: $input) {
      member {
        id
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

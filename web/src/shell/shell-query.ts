import { graphql } from "../gql/index.ts";

/** What the frame of the pages needs: who looks, and what they may do in the organization that is open. */
export const Shell = graphql(`
  query Shell($slug: String!, $isInOrganization: Boolean!) {
    viewer {
      isSuperuser
      canCreateOrganization
      user {
        id
        name
        email
        avatar {
          ...AvatarImage
        }
      }
    }
    organization(slug: $slug) @include(if: $isInOrganization) {
      id
      lastEventId
      name
      slug
      status
      deletesAt
      viewerCanInvite
      viewerScopes
      avatar {
        ...AvatarImage
      }
    }
  }
`);

import{i as e}from"./mutation-Ckl1SEfw.js";var t=e(`
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
      viewerCanInvite
      viewerScopes
      avatar {
        ...AvatarImage
      }
    }
  }
`);export{t};
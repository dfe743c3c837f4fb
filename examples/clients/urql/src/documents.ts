// What the program asks.
import { graphql } from "./generated/index.js";

export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      user {
        id
        name
        email
      }
    }
  }
`);

export const MembersQuery = graphql(`
  query Members($slug: String!, $first: Int!, $after: String) {
    organization(slug: $slug) {
      id
      viewerCanInvite
      members(first: $first, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
        totalCount
        edges {
          node {
            id
            ...MemberLine
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const CreateInviteMutation = graphql(`
  mutation CreateInvite($input: CreateInviteInput!) {
    createInvite(input: $input) {
      acceptUrl
      member {
        id
        ...MemberLine
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const InvitePreviewQuery = graphql(`
  query InvitePreview($token: String!) {
    invitePreview(token: $token) {
      organizationName
      inviterName
      expiresAt
      isExpired
      requirements
      role {
        id
        name
      }
    }
  }
`);

export const AcceptInviteMutation = graphql(`
  mutation AcceptInvite($input: AcceptInviteInput!) {
    acceptInvite(input: $input) {
      member {
        id
        ...MemberLine
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const UpdateMemberRolesMutation = graphql(`
  mutation UpdateMemberRoles($input: UpdateMemberRolesInput!) {
    updateMemberRoles(input: $input) {
      member {
        id
        ...MemberLine
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const RemoveMemberMutation = graphql(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    removeMember(input: $input) {
      removedMemberId
      userErrors {
        ...Refusal
      }
    }
  }
`);

// The list of members: what it shows, page by page, and what changes it.
import { graphql } from "relay-runtime";

export const query = graphql`
  query membersQuery($slug: String!, $count: Int!) {
    organization(slug: $slug) {
      id
      ...members_organization @arguments(count: $count)
    }
  }
`;

export const list = graphql`
  fragment members_organization on Organization
  @argumentDefinitions(count: { type: "Int" }, cursor: { type: "String" })
  @refetchable(queryName: "membersPageQuery") {
    members(first: $count, after: $cursor) @connection(key: "members_organization_members") {
      __id
      totalCount
      edges {
        node {
          id
          ...members_line
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export const line = graphql`
  fragment members_line on Member @refetchable(queryName: "membersLineQuery") {
    name
    isPending
    role {
      id
      name
      minimumTeamRole {
        id
        name
      }
    }
  }
`;

export const invite = graphql`
  mutation membersInviteMutation($input: CreateInviteInput!, $connections: [ID!]!) {
    createInvite(input: $input) {
      member @appendNode(connections: $connections, edgeTypeName: "MemberEdge") {
        id
        ...members_line
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`;

export const updateRoles = graphql`
  mutation membersUpdateRolesMutation($input: UpdateMemberRolesInput!) {
    updateMemberRoles(input: $input) {
      member {
        ...members_line
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`;

export const remove = graphql`
  mutation membersRemoveMutation($input: RemoveMemberInput!, $connections: [ID!]!) {
    removeMember(input: $input) {
      removedMemberId @deleteEdge(connections: $connections)
      userErrors {
        code
        message
        path
      }
    }
  }
`;

import { graphql } from "../../gql/index.ts";

export const CreateTeam = graphql(`
  mutation CreateTeam($input: CreateTeamInput!) {
    createTeam(input: $input) {
      team {
        id
        name
        slug
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const UpdateTeam = graphql(`
  mutation UpdateTeam($input: UpdateTeamInput!) {
    updateTeam(input: $input) {
      team {
        id
        name
        slug
        isIdpProvisioned
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const DeleteTeam = graphql(`
  mutation DeleteTeam($input: DeleteTeamInput!) {
    deleteTeam(input: $input) {
      deletedTeamId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const AddTeamMember = graphql(`
  mutation AddTeamMember($input: AddTeamMemberInput!) {
    addTeamMember(input: $input) {
      teamMembership {
        id
        ...TeamMemberRow
      }
      accessRequest {
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

export const RemoveTeamMember = graphql(`
  mutation RemoveTeamMember($input: RemoveTeamMemberInput!) {
    removeTeamMember(input: $input) {
      removedTeamMembershipId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const UpdateTeamMemberRole = graphql(`
  mutation UpdateTeamMemberRole($input: UpdateTeamMemberRoleInput!) {
    updateTeamMemberRole(input: $input) {
      teamMembership {
        id
        effectiveRole {
          id
          name
          priority
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const DecideTeamAccessRequest = graphql(`
  mutation DecideTeamAccessRequest($input: DecideTeamAccessRequestInput!) {
    decideTeamAccessRequest(input: $input) {
      closedRequestId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

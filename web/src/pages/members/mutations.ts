import { graphql } from "../../gql/index.ts";

export const UpdateMemberRoles = graphql(`
  mutation UpdateMemberRoles($input: UpdateMemberRolesInput!) {
    updateMemberRoles(input: $input) {
      member {
        id
        ...MemberRow
        ...MemberDetails
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const RemoveMember = graphql(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    removeMember(input: $input) {
      removedMemberId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const LeaveOrganization = graphql(`
  mutation LeaveOrganization($input: LeaveOrganizationInput!) {
    leaveOrganization(input: $input) {
      removedMemberId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const TransferOwnership = graphql(`
  mutation TransferOwnership($input: TransferOwnershipInput!) {
    transferOwnership(input: $input) {
      newOwner {
        id
        ...MemberRow
        ...MemberDetails
      }
      previousOwner {
        id
        ...MemberRow
        ...MemberDetails
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const SetMemberFlags = graphql(`
  mutation SetMemberFlags($input: SetMemberFlagsInput!) {
    setMemberFlags(input: $input) {
      member {
        id
        ...MemberRow
        ...MemberDetails
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

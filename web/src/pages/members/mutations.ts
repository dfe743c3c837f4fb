import { graphql } from "../../gql/index.ts";

/** Changes role and teams of a member together. */
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

/** Removes a member, or withdraws an invite. */
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

/** Sets what only superusers do. */
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

/** Makes another member the owner. */
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

/** Ends one's own membership. */
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

import { graphql } from "../../gql/index.ts";

export const CreateInvites = graphql(`
  mutation CreateInvites($input: CreateInvitesInput!) {
    createInvites(input: $input) {
      results {
        email
        acceptUrl
        invite {
          id
          ...InviteRow
        }
        userErrors {
          code
          message
          path
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

export const ResendInvite = graphql(`
  mutation ResendInvite($input: ResendInviteInput!) {
    resendInvite(input: $input) {
      acceptUrl
      invite {
        id
        ...InviteRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const RevokeInvite = graphql(`
  mutation RevokeInvite($input: RevokeInviteInput!) {
    revokeInvite(input: $input) {
      revokedInviteId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const RequestInvite = graphql(`
  mutation RequestInvite($input: RequestInviteInput!) {
    requestInvite(input: $input) {
      invite {
        id
        ...InviteRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const ApproveInviteRequest = graphql(`
  mutation ApproveInviteRequest($input: ApproveInviteRequestInput!) {
    approveInviteRequest(input: $input) {
      acceptUrl
      invite {
        id
        ...InviteRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const RejectInviteRequest = graphql(`
  mutation RejectInviteRequest($input: RejectInviteRequestInput!) {
    rejectInviteRequest(input: $input) {
      rejectedInviteId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

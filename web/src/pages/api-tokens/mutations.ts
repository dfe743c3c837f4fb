import { graphql } from "../../gql/index.ts";

export const CreateApiToken = graphql(`
  mutation CreateApiToken($input: CreateApiTokenInput!) {
    createApiToken(input: $input) {
      secret
      apiToken {
        id
        ...ApiTokenRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);

export const RevokeApiToken = graphql(`
  mutation RevokeApiToken($input: RevokeApiTokenInput!) {
    revokeApiToken(input: $input) {
      revokedApiTokenId
      userErrors {
        code
        message
        path
      }
    }
  }
`);

import { graphql } from "../../gql/index.ts";

export const SetAuthProvider = graphql(`
  mutation SetAuthProvider($input: SetAuthProviderInput!) {
    setAuthProvider(input: $input) {
      organization {
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

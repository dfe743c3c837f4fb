import { graphql } from "../../gql/index.ts";

/** What is shown of a webhook, in the list and on its own. */
export const WebhookRow = graphql(`
  fragment WebhookRow on Webhook {
    id
    url
    description
    eventTypes
    isEnabled
    disabledAt
    disabledReason
    failingSince
    previousSecretExpiresAt
    createdAt
    createdBy {
      id
      name
    }
  }
`);

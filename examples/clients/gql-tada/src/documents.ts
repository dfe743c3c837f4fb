// What the program asks.
import { AffectedMember } from "./affected-member.js";
import { graphql } from "./graphql.js";

export const SettingsQuery = graphql(`
  query Settings($slug: String!, $members: MemberFilter, $log: AuditLogFilter) {
    organization(slug: $slug) {
      id
      createdAt
      avatar {
        url(size: 48)
      }
      options {
        require2FA
        relayPiiConfig
      }
      members(filter: $members) {
        totalCount
      }
      auditLog(first: 5, filter: $log) {
        nodes {
          data
        }
      }
    }
  }
`);

export const SaveOptionsMutation = graphql(
  `
    mutation SaveOptions($input: SaveOrgOptionsInput!) {
      saveOrgOptions(input: $input) {
        changes {
          field
          change
        }
        impact {
          affectedMemberCount
          affectedMembers {
            ...AffectedMember
          }
        }
        userErrors {
          code
          message
          path
        }
      }
    }
  `,
  [AffectedMember],
);

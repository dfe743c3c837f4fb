import { graphql } from "../../gql/index.ts";

/** Invites or requests, part by part. */
export const Invites = graphql(`
  query Invites($slug: String!, $first: Int!, $after: String, $filter: InviteFilter) {
    organization(slug: $slug) {
      id
      invites(first: $first, after: $after, filter: $filter) {
        totalCount
        nodes {
          id
          ...InviteRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

/** How many requests wait. */
export const InviteRequestCount = graphql(`
  query InviteRequestCount($slug: String!, $filter: InviteFilter!) {
    organization(slug: $slug) {
      id
      invites(first: 1, filter: $filter) {
        totalCount
      }
    }
  }
`);

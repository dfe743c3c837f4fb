import { useCallback } from "react";
import { useConnection } from "../../api/connection.ts";
import type { MembersQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";

const Members = graphql(`
  query Members($slug: String!, $first: Int!, $after: String, $filter: MemberFilter, $orderBy: MemberOrder) {
    organization(slug: $slug) {
      id
      members(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
        totalCount
        nodes {
          id
          ...MemberRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

const MemberRow = graphql(`
  fragment MemberRow on Member {
    id
    name
    email
    isPending
    isViewer
    hasTwoFactor
    createdAt
    role {
      id
      name
    }
    flags {
      idpProvisioned
      idpRoleRestricted
      memberLimitRestricted
      partnershipRestricted
      ssoInvalid
      ssoLinked
    }
    teamMemberships {
      id
      team {
        id
        name
        slug
      }
    }
    user {
      id
      avatar {
        ...AvatarImage
      }
    }
  }
`);

export const MemberDetails = graphql(`
  fragment MemberDetails on Member {
    id
  }
`);

const pageSize = 100;
const membersOf = (data: MembersQuery) => data.organization?.members;

export function Component() {
  const { slug } = useOrganization();
  const variables = useCallback((after: string | null) => ({ slug, first: pageSize, after }), [slug]);
  const { rows, totalCount, hasMore, isLoading, isFirstLoad, failure, loadMore, retry } = useConnection({
    query: Members,
    variables,
    connection: membersOf,
  });
  return (
    <>
      <PageHeader title="Members" count={totalCount} />
      {isFirstLoad && <SkeletonRows />}
      {rows.map((row) => {
        const member = getFragmentData(MemberRow, row);
        return <div key={member.id}>{member.name}</div>;
      })}
      {failure && <ErrorState failure={failure} onRetry={retry} />}
      <LoadMore hasMore={hasMore} isLoading={isLoading} onLoadMore={loadMore} />
    </>
  );
}

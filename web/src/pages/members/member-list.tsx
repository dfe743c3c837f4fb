import { SearchX, Users } from "lucide-react";
import { useCallback, useEffect } from "react";
import { useConnection } from "../../api/connection.ts";
import type { MembersQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Outdated } from "../../ui/outdated.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { MemberRow, memberColumns } from "./member-row.tsx";
import { isFiltered, type MemberSearch, searchVariables } from "./member-search.ts";

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

const partSize = 100;
/** How close to the end of what was read the next part is asked for, so that nobody waits for it. */
const rowsAhead = 50;

const memberKey = ({ id }: { id: string }) => id;
const membersOf = (data: MembersQuery) => data.organization?.members;

export interface MemberListProps {
  search: MemberSearch;
  selectedId: string | null;
  onOpen: (id: string) => void;
  onCount: (totalCount: number | undefined) => void;
}

/** The members that are looked for. */
export function MemberList({ search, selectedId, onOpen, onCount }: MemberListProps) {
  const { slug } = useOrganization();
  const variables = useCallback(
    (after: string | null) => ({ slug, first: partSize, after, ...searchVariables(search) }),
    [slug, search],
  );
  const list = useConnection({ query: Members, variables, connection: membersOf });
  const { rows, totalCount, loadMore, watch } = list;
  const count = rows.length;

  useEffect(() => onCount(totalCount), [onCount, totalCount]);

  const onView = useCallback(
    (first: number, last: number) => {
      watch(first, last);
      if (last > count - rowsAhead) loadMore();
    },
    [watch, loadMore, count],
  );

  if (list.isFirstLoad) return <SkeletonRows count={10} />;
  if (list.failure && count === 0) return <ErrorState failure={list.failure} onRetry={list.retry} />;
  return (
    <Outdated isOutdated={list.isOutdated}>
      {count === 0 ? (
        <Nobody isSearched={isFiltered(search)} />
      ) : (
        <VirtualList
          label="Members"
          columns={memberColumns}
          rows={getFragmentData(MemberRow, rows)}
          rowKey={memberKey}
          totalCount={totalCount ?? count}
          selectedKey={selectedId}
          onOpen={onOpen}
          onView={onView}
          tail={
            list.failure ? (
              <Button onPress={list.retry}>The rest could not be read. Try again</Button>
            ) : (
              list.hasMore && "Reading more…"
            )
          }
        />
      )}
    </Outdated>
  );
}

function Nobody({ isSearched }: { isSearched: boolean }) {
  return isSearched ? (
    <EmptyState icon={<SearchX size={28} />} title="Nobody found">
      Nobody is what you look for. Take away a word or a filter.
    </EmptyState>
  ) : (
    <EmptyState icon={<Users size={28} />} title="Nobody is here yet">
      Whoever you invite shows up here, pending until they have joined.
    </EmptyState>
  );
}

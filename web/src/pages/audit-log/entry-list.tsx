import { ScrollText, SearchX } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useConnection } from "../../api/connection.ts";
import type { AuditLogQuery } from "../../gql/graphql.ts";
import { getFragmentData, graphql } from "../../gql/index.ts";
import { useOrganization } from "../../shell/organization.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Outdated } from "../../ui/outdated.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { VirtualList } from "../../ui/virtual-list.tsx";
import { EntryDetails } from "./entry-details.tsx";
import { AuditLogRow, entryColumns } from "./entry-row.tsx";
import { type EntrySearch, searchFilter } from "./entry-search.ts";

const AuditLog = graphql(`
  query AuditLog($slug: String!, $first: Int!, $after: String, $filter: AuditLogFilter) {
    organization(slug: $slug) {
      id
      auditLog(first: $first, after: $after, filter: $filter) {
        totalCount
        nodes {
          id
          ...AuditLogRow
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

const entriesOf = (data: AuditLogQuery) => data.organization?.auditLog;

export interface EntryListProps {
  search: EntrySearch;
  onChange: (changes: Partial<EntrySearch>) => void;
  onCount: (totalCount: number | undefined) => void;
}

/** The entries that are looked for. A press on one unfolds it. */
export function EntryList({ search, onChange, onCount }: EntryListProps) {
  const { slug } = useOrganization();
  const [openId, setOpenId] = useState<string | null>(null);
  const variables = useCallback(
    (after: string | null) => ({ slug, first: partSize, after, filter: searchFilter(search) }),
    [slug, search],
  );
  const list = useConnection({ query: AuditLog, variables, connection: entriesOf });
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
        <Nothing isSearched={searchFilter(search) !== null} />
      ) : (
        <VirtualList
          label="Audit log"
          columns={entryColumns}
          rows={getFragmentData(AuditLogRow, rows)}
          rowKey={({ id }) => id}
          totalCount={totalCount ?? count}
          expandedKey={openId}
          details={(entry) => <EntryDetails entry={entry} search={search} onChange={onChange} />}
          onOpen={(id) => setOpenId(id === openId ? null : id)}
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

function Nothing({ isSearched }: { isSearched: boolean }) {
  return isSearched ? (
    <EmptyState icon={<SearchX size={28} />} title="Nothing found">
      Nothing of this kind has happened, or not then. Take away a filter.
    </EmptyState>
  ) : (
    <EmptyState icon={<ScrollText size={28} />} title="Nothing has happened yet">
      Whatever somebody changes here is written down on this page.
    </EmptyState>
  );
}

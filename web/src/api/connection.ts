import { useMemo, useState, useSyncExternalStore } from "react";
import {
  type AnyVariables,
  type Client,
  createRequest,
  type RequestPolicy,
  type TypedDocumentNode,
  useClient,
} from "urql";
import { filter, map, pipe } from "wonka";
import { failureOf } from "./errors.ts";
import { type Connection, type ListState, PagedList } from "./paged-list.ts";

export interface ConnectionOptions<Data, Variables extends AnyVariables, Node> {
  query: TypedDocumentNode<Data, Variables>;
  /** The variables of the part behind a cursor. The function stays the same as long as the list does (`useCallback`). */
  variables: (after: string | null) => Variables;
  /** Where the list is in an answer. A function of the module, so that it stays the same. */
  connection: (data: Data) => Connection<Node> | null | undefined;
  /** `cache-and-network` for lists that change without an event: what is known is shown, and read again. */
  requestPolicy?: RequestPolicy;
}

export interface ConnectionResult<Node> extends ListState<Node> {
  loadMore: () => void;
  retry: () => void;
  /** Reads a list with `cache-and-network` again. */
  refresh: () => void;
  /** Whether the rows are those of the last list, because the one that is wanted is still on its way. */
  isOutdated: boolean;
  /** Says which rows are in view. A list that never says so is followed as a whole. */
  watch: (fromRow: number, toRow: number) => void;
}

/** A list of the API, part by part. While another list is read (another search, say) the last one stays in view. */
export function useConnection<Data, Variables extends AnyVariables, Node>({
  query,
  variables,
  connection,
  requestPolicy = "cache-first",
}: ConnectionOptions<Data, Variables, Node>): ConnectionResult<Node> {
  const client = useClient();

  const list = useMemo(
    () =>
      keptList(
        client,
        createRequest(query, variables(null)).key,
        () =>
          new PagedList<Node>((after) =>
            pipe(
              client.query(query, variables(after), { requestPolicy }),
              filter(({ data, error }) => data !== undefined || error !== undefined),
              map(({ data, error }) => {
                const part = data ? connection(data) : undefined;
                return part || !error ? { connection: part ?? null } : { failure: failureOf(error) };
              }),
            ),
          ),
      ),
    [client, query, variables, connection, requestPolicy],
  );

  const state = useSyncExternalStore(list.subscribe, list.state);
  const [settled, setSettled] = useState(state);
  if (!state.isFirstLoad && state !== settled) setSettled(state);
  const isOutdated = state.isFirstLoad && !settled.isFirstLoad;
  const shown = isOutdated ? { ...settled, isLoading: true } : state;

  return {
    ...shown,
    isOutdated,
    loadMore: list.loadMore,
    retry: list.retry,
    refresh: list.refresh,
    watch: list.watch,
  };
}

/** How many lists are kept. */
const keptAtMost = 8;

/** The lists that were read last, by the key of their first part: who comes back finds as much of a list as was there. */
const lists = new WeakMap<Client, Map<number, PagedList<unknown>>>();

function keptList<Node>(client: Client, key: number, make: () => PagedList<Node>): PagedList<Node> {
  const kept = lists.get(client) ?? new Map<number, PagedList<unknown>>();
  lists.set(client, kept);
  // What is asked for by the same query has the same nodes.
  const list = (kept.get(key) as PagedList<Node> | undefined) ?? make();
  kept.delete(key);
  kept.set(key, list);
  for (const oldest of kept.keys()) {
    if (kept.size <= keptAtMost) break;
    kept.delete(oldest);
  }
  return list;
}

import { useMemo, useState, useSyncExternalStore } from "react";
import { type AnyVariables, type RequestPolicy, type TypedDocumentNode, useClient } from "urql";
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
    [client, query, variables, connection, requestPolicy],
  );

  const state = useSyncExternalStore(list.subscribe, list.state);
  const [settled, setSettled] = useState(state);
  if (!state.isFirstLoad && state !== settled) setSettled(state);
  const shown = state.isFirstLoad && !settled.isFirstLoad ? { ...settled, isLoading: true } : state;

  return { ...shown, loadMore: list.loadMore, retry: list.retry, watch: list.watch };
}

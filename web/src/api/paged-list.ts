import { pipe, type Source, subscribe } from "wonka";
import type { Failure } from "./errors.ts";

/** A part of a list, as all connections of the API answer it. */
export interface Connection<Node> {
  nodes: readonly (Node | null)[];
  totalCount?: number;
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

/** What is known of one part now: the part, or why there is none. Neither: it is still being read. */
export interface Part<Node> {
  connection?: Connection<Node> | null | undefined;
  failure?: Failure | undefined;
}

/** A list as far as it was read. */
export interface ListState<Node> {
  rows: readonly Node[];
  /** Entries in the whole list, if it was asked for. */
  totalCount: number | undefined;
  hasMore: boolean;
  /** Whether a part is being read that has not been there before. */
  isLoading: boolean;
  /** Whether nothing at all has been answered yet. */
  isFirstLoad: boolean;
  failure: Failure | undefined;
}

interface Page<Node> extends Part<Node> {
  after: string | null;
}

/**
 * A long list, read part by part behind a cursor, and followed afterwards: `read` answers a part now and whenever it
 * changes in the cache. Each part is a query of its own and not one list merged in the cache: a change costs as much as the
 * part it is in, however long the list has become. For the same reason only parts that are `watch`ed are followed; the
 * others catch up when they come into view.
 */
export class PagedList<Node> {
  readonly #read: (after: string | null) => Source<Part<Node>>;
  readonly #listeners = new Set<() => void>();
  readonly #followed = new Map<Page<Node>, () => void>();
  #pages: Page<Node>[] = [{ after: null }];
  #watched: (index: number) => boolean = () => true;
  #state: ListState<Node>;

  constructor(read: (after: string | null) => Source<Part<Node>>) {
    this.#read = read;
    this.#state = this.#compute();
  }

  /** Follows the list until what this answers is called. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#follow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#unfollow(() => false);
    };
  };

  /** The list as it is now; the same object until it changes. */
  state = (): ListState<Node> => this.#state;

  /** Reads the next part, if there is one and none is on its way. */
  loadMore = (): void => {
    const last = this.#pages.at(-1)?.connection?.pageInfo;
    if (!last?.hasNextPage || last.endCursor === null) return;
    this.#pages = [...this.#pages, { after: last.endCursor }];
    this.#follow();
    this.#publish();
  };

  /** Reads again what could not be read. */
  retry = (): void => {
    const hasFailed = (page: Page<Node>) => page.failure !== undefined;
    this.#unfollow((page) => !hasFailed(page));
    for (const page of this.#pages.filter(hasFailed)) page.failure = undefined;
    this.#follow();
    this.#publish();
  };

  /** Asks again for what is followed, for lists whose parts are always asked for. What is known stays until then. */
  refresh = (): void => {
    this.#unfollow(() => false);
    this.#follow();
  };

  /** Follows from now on only the parts that have these rows, and what is still being read. */
  watch = (fromRow: number, toRow: number): void => {
    const starts: number[] = [];
    let rows = 0;
    for (const page of this.#pages) {
      starts.push(rows);
      rows += page.connection?.nodes.length ?? 0;
    }
    this.#watched = (index) => {
      const start = starts[index];
      const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
      return start === undefined || (start <= toRow && end > fromRow);
    };
    const pages = this.#pages;
    this.#unfollow((page) => this.#watched(pages.indexOf(page)) || page.connection === undefined);
    this.#follow();
  };

  #follow(): void {
    if (this.#listeners.size === 0) return;
    for (const [index, page] of this.#pages.entries()) {
      if (this.#followed.has(page)) continue;
      if (page.connection !== undefined && !this.#watched(index)) continue;
      // What is in the cache is answered before `subscribe` has returned, so the place is taken first.
      this.#followed.set(page, () => {});
      const { unsubscribe } = pipe(
        this.#read(page.after),
        subscribe((part) => this.#receive(page, part)),
      );
      if (this.#followed.has(page)) this.#followed.set(page, unsubscribe);
      else unsubscribe();
    }
  }

  #unfollow(isKept: (page: Page<Node>) => boolean): void {
    for (const [page, stop] of this.#followed) {
      if (isKept(page)) continue;
      this.#followed.delete(page);
      stop();
    }
  }

  #receive(page: Page<Node>, part: Part<Node>): void {
    const index = this.#pages.indexOf(page);
    if (index < 0) return;
    if (part.connection !== undefined) page.connection = part.connection;
    page.failure = part.failure;
    const next = this.#pages[index + 1];
    if (next && next.after !== page.connection?.pageInfo.endCursor) {
      // The part ends elsewhere now, and what was read behind its old end would leave a gap or repeat something.
      this.#pages = this.#pages.slice(0, index + 1);
      this.#unfollow((followed) => this.#pages.includes(followed));
    }
    this.#publish();
  }

  #publish(): void {
    this.#state = this.#compute();
    for (const listener of this.#listeners) listener();
  }

  #compute(): ListState<Node> {
    const pages = this.#pages;
    const seen = new Set<Node>();
    for (const page of pages) {
      for (const node of page.connection?.nodes ?? []) if (node !== null) seen.add(node);
    }
    const failure = pages.find((page) => page.failure)?.failure;
    return {
      rows: [...seen],
      totalCount: pages[0]?.connection?.totalCount,
      hasMore: pages.at(-1)?.connection?.pageInfo.hasNextPage ?? false,
      isLoading: pages.some((page) => page.connection === undefined && !page.failure),
      isFirstLoad: pages[0]?.connection === undefined && !failure,
      failure,
    };
  }
}

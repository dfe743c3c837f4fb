import { describe, expect, it, vi } from "vitest";
import { makeSubject } from "wonka";
import { PagedList, type Part } from "./paged-list.ts";

/** A list of a server, part by part: what is sent to a part is what its query answers. */
function server() {
  const parts = new Map<string | null, ReturnType<typeof makeSubject<Part<string>>>>();
  const read = vi.fn((after: string | null) => {
    const subject = makeSubject<Part<string>>();
    parts.set(after, subject);
    return subject.source;
  });
  const answer = (after: string | null, nodes: (string | null)[], hasNextPage = true) =>
    parts.get(after)?.next({
      connection: { nodes, pageInfo: { endCursor: nodes.at(-1) ?? null, hasNextPage }, totalCount: 6 },
    });
  const fail = (after: string | null) =>
    parts.get(after)?.next({
      failure: { code: "INTERNAL", title: "", message: "", requestId: null, isPassing: true },
    });
  return { read, answer, fail };
}

describe("PagedList", () => {
  it("reads part by part", () => {
    const { read, answer } = server();
    const list = new PagedList(read);
    list.subscribe(() => {});
    expect(list.state()).toMatchObject({ isFirstLoad: true, isLoading: true, rows: [] });

    answer(null, ["a", "b"]);
    expect(list.state()).toMatchObject({ rows: ["a", "b"], hasMore: true, isLoading: false, totalCount: 6 });

    list.loadMore();
    list.loadMore();
    expect(read.mock.calls).toEqual([[null], ["b"]]);
    answer("b", ["c"], false);
    expect(list.state()).toMatchObject({ rows: ["a", "b", "c"], hasMore: false, isLoading: false });
  });

  it("drops what was read behind an end that has moved", () => {
    const { read, answer } = server();
    const list = new PagedList(read);
    list.subscribe(() => {});
    answer(null, ["a", "b"]);
    list.loadMore();
    answer("b", ["c"], false);

    answer(null, ["a", "c"]);
    expect(list.state()).toMatchObject({ rows: ["a", "c"], hasMore: true });
  });

  it("shows nothing where an entry is gone", () => {
    const { read, answer } = server();
    const list = new PagedList(read);
    list.subscribe(() => {});
    answer(null, ["a", null, "b"]);
    expect(list.state().rows).toEqual(["a", "b"]);
  });

  it("tries again only what has failed, and keeps the rest", () => {
    const { read, answer, fail } = server();
    const list = new PagedList(read);
    list.subscribe(() => {});
    answer(null, ["a", "b"]);
    list.loadMore();
    fail("b");
    expect(list.state()).toMatchObject({ rows: ["a", "b"], failure: { code: "INTERNAL" }, isLoading: false });

    list.retry();
    expect(read.mock.calls).toEqual([[null], ["b"], ["b"]]);
    answer("b", ["c"], false);
    expect(list.state()).toMatchObject({ rows: ["a", "b", "c"], failure: undefined });
  });

  it("asks again for what it follows, and shows what it knows until then", () => {
    const { read, answer } = server();
    const list = new PagedList(read);
    list.subscribe(() => {});
    answer(null, ["a"], false);
    list.refresh();
    expect(read.mock.calls).toEqual([[null], [null]]);
    expect(list.state()).toMatchObject({ rows: ["a"], isLoading: false });
    answer(null, ["a", "b"], false);
    expect(list.state().rows).toEqual(["a", "b"]);
  });

  it("follows only the parts in view, and catches up with those that come into it", () => {
    const { read, answer } = server();
    const list = new PagedList(read);
    list.subscribe(() => {});
    answer(null, ["a", "b"]);
    list.loadMore();
    answer("b", ["c", "d"]);

    list.watch(2, 3);
    answer(null, ["a", "x"]);
    expect(list.state().rows).toEqual(["a", "b", "c", "d"]);

    list.watch(0, 1);
    expect(read.mock.calls).toEqual([[null], ["b"], [null]]);
    answer(null, ["a2", "b"]);
    expect(list.state().rows).toEqual(["a2", "b", "c", "d"]);
  });

  it("follows nothing once nobody listens", () => {
    const { read, answer } = server();
    const list = new PagedList(read);
    const stop = list.subscribe(() => {});
    answer(null, ["a"]);
    stop();
    answer(null, ["b"]);
    expect(list.state().rows).toEqual(["a"]);
  });
});

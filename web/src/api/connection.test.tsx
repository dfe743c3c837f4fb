import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { createRequest, type OperationResult, Provider } from "urql";
import { expect, it, vi } from "vitest";
import { makeSubject, type Subject } from "wonka";
import { useConnection } from "./connection.ts";

interface Data {
  words: string[];
}

const query = createRequest<Data, { word: string }>("query Words($word: String) { words }", {
  word: "",
}).query;
const connection = ({ words }: Data) => ({
  nodes: words.map((word) => ({ word })),
  pageInfo: { endCursor: null, hasNextPage: false },
});

function server() {
  const answers = new Map<string, Subject<Partial<OperationResult<Data>>>>();
  const client = {
    query: vi.fn((_, { word }: { word: string }) => {
      const subject = makeSubject<Partial<OperationResult<Data>>>();
      answers.set(word, subject);
      return subject.source;
    }),
  };
  const wrapper = ({ children }: { children: ReactNode }) => (
    // biome-ignore lint/suspicious/noExplicitAny: only what lists need of a client
    <Provider value={client as any}>{children}</Provider>
  );
  return { wrapper, answers };
}

const show = ({ variables }: { variables: () => { word: string } }) =>
  useConnection({ query, variables, connection });

it("has as much of a list for who comes back as was there when they left", () => {
  const { wrapper, answers } = server();
  const options = { wrapper, initialProps: { variables: () => ({ word: "a" }) } };
  const first = renderHook(show, options);
  act(() => answers.get("a")?.next({ data: { words: ["apple", "ant"] } }));
  first.unmount();
  expect(renderHook(show, options).result.current.rows).toHaveLength(2);
});

it("says that its rows are those of the last list as long as the next is on its way", () => {
  const { wrapper, answers } = server();
  const ways = { a: () => ({ word: "a" }), b: () => ({ word: "b" }) };
  const { result, rerender } = renderHook(show, { wrapper, initialProps: { variables: ways.a } });
  act(() => answers.get("a")?.next({ data: { words: ["apple"] } }));
  expect(result.current).toMatchObject({ rows: [{ word: "apple" }], isOutdated: false });

  rerender({ variables: ways.b });
  expect(result.current).toMatchObject({ rows: [{ word: "apple" }], isOutdated: true });
  act(() => answers.get("b")?.next({ data: { words: ["bean"] } }));
  expect(result.current).toMatchObject({ rows: [{ word: "bean" }], isOutdated: false });
});

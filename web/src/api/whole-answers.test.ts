import { CombinedError, createClient, type Exchange, gql } from "@urql/core";
import { type Cache, cacheExchange } from "@urql/exchange-graphcache";
import { describe, expect, it } from "vitest";
import { delay, filter, map, merge, pipe, share, subscribe, tap } from "wonka";
import { introspection } from "../gql/introspection.ts";
import { serverAnswers, wholeAnswers } from "./whole-answers.ts";

const organization = { __typename: "Organization", id: "1", slug: "acme", name: "Acme" };
const ofName = gql`{ organization(slug: "acme") { id name } }`;
const ofProvider = gql`{ organization(slug: "acme") { id name authProvider { id name } } }`;
const createTeam = gql`mutation { createTeam(input: { organizationId: "1", name: "Crew" }) { userErrors { code } } }`;
const ofBoth = gql`{ roles { id } organization(slug: "acme") { id } }`;

/** A client of a server that answers the same to everybody, a moment later. */
function clientOf(data: unknown, error?: CombinedError) {
  const server: Exchange = () => (operations) =>
    pipe(
      operations,
      filter(({ kind }) => kind === "query"),
      delay(1),
      map((operation) => ({ operation, data, ...(error && { error }), stale: false, hasNext: false })),
    );
  return createClient({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [wholeAnswers, cacheExchange({ schema: introspection }), serverAnswers, server],
  });
}

/** A client of a server that takes longer for queries than for changes, which make the name of the organization stale. */
function clientOfSlow(asked: () => void) {
  const answer = (kind: string) =>
    kind === "query"
      ? { __typename: "Query", organization }
      : { __typename: "Mutation", createTeam: { __typename: "CreateTeamPayload", userErrors: [] } };
  const answers =
    (kind: string, milliseconds: number): Exchange =>
    () =>
    (operations) =>
      pipe(
        operations,
        filter((operation) => operation.kind === kind),
        tap(asked),
        delay(milliseconds),
        map((operation) => ({ operation, data: answer(kind), stale: false, hasNext: false })),
      );
  const server: Exchange = (input) => (operations) => {
    const shared = pipe(operations, share);
    return merge([answers("query", 30)(input)(shared), answers("mutation", 5)(input)(shared)]);
  };
  const updates = {
    Mutation: {
      createTeam: (_result: unknown, _args: unknown, cache: Cache) =>
        cache.invalidate({ __typename: "Organization", id: "1" }, "name"),
    },
  };
  return createClient({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [wholeAnswers, cacheExchange({ schema: introspection, updates }), serverAnswers, server],
  });
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("wholeAnswers", () => {
  it("waits for what the cache does not have, instead of calling it null", async () => {
    const provider = { __typename: "AuthProvider", id: "2", name: "Google" };
    const client = clientOf({
      __typename: "Query",
      organization: { ...organization, authProvider: provider },
    });
    await client.query(ofName, {}).toPromise();

    const seen: unknown[] = [];
    const { unsubscribe } = pipe(
      client.query(ofProvider, {}),
      subscribe(({ data }) => seen.push(data?.organization.authProvider)),
    );
    await moment();
    unsubscribe();
    expect(seen).not.toContain(null);
    expect(seen.at(-1)).toMatchObject({ name: "Google" });
  });

  it("shows an answer whole although a part of it was made stale on its way, and asks again", async () => {
    let requests = 0;
    const client = clientOfSlow(() => {
      requests += 1;
    });
    const seen: unknown[] = [];
    const { unsubscribe } = pipe(
      client.query(ofName, {}),
      subscribe(({ data }) => seen.push(data?.organization)),
    );
    // While the query is on its way.
    await client.mutation(createTeam, {}).toPromise();
    await new Promise((resolve) => setTimeout(resolve, 150));
    unsubscribe();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).not.toContain(null);
    expect(seen.at(-1)).toMatchObject({ name: "Acme" });
    expect(requests).toBeGreaterThan(2);
    expect(requests).toBeLessThan(6);
  });

  it("keeps why something was refused for whoever asks the same again", async () => {
    const refused = new CombinedError({ graphQLErrors: [{ message: "No.", path: ["organization"] }] });
    const client = clientOf({ __typename: "Query", roles: [], organization: null }, refused);
    const first = pipe(
      client.query(ofBoth, {}),
      subscribe(() => {}),
    );
    await moment();

    const errors: unknown[] = [];
    const second = pipe(
      client.query(ofBoth, {}),
      subscribe(({ error }) => errors.push(error?.message)),
    );
    await moment();
    first.unsubscribe();
    second.unsubscribe();
    expect(errors).toContain("[GraphQL] No.");
    expect(errors).not.toContain(undefined);
  });
});

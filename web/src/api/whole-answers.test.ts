import { CombinedError, createClient, type Exchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { describe, expect, it } from "vitest";
import { delay, filter, map, pipe, subscribe } from "wonka";
import { introspection } from "../gql/introspection.ts";
import { wholeAnswers } from "./whole-answers.ts";

const organization = { __typename: "Organization", id: "1", slug: "acme", name: "Acme" };
const ofName = gql`{ organization(slug: "acme") { id name } }`;
const ofProvider = gql`{ organization(slug: "acme") { id name authProvider { id name } } }`;
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
    exchanges: [wholeAnswers, cacheExchange({ schema: introspection }), server],
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

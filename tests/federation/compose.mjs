// Composes a federated graph of a running server and a subgraph of bills, and asks its router:
// `node compose.mjs http://127.0.0.1:8080/graphql subgraph.graphql TOKEN`.
// The server runs with graphql.federation = true, on demo data.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const [url, file, token] = process.argv.slice(2);

/** Asks the server itself. */
async function ask(query, variables) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

// What the command prints is what the server says of itself, but for the order.
const printed = readFileSync(file, "utf8");
const { _service } = await ask("{ _service { sdl } }");
const definitions = (text) => new Set(parse(text).definitions.map((one) => `${one.kind} ${one.name?.value}`));
assert.deepEqual(definitions(printed), definitions(_service.sdl));

// Somebody else's service, which refers to each of our entities and adds to one of them.
const { organization } = await ask(`{
  organization(slug: "acme") { id teams(first: 1) { nodes { id } } members(first: 1) { nodes { id user { id } } } }
}`);
const [member] = organization.members.nodes;
const [team] = organization.teams.nodes;
const bills = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
  type Query { bills: [Bill!]! }
  type Bill { number: Int!, organization: Organization!, payer: User, author: Member, team: Team, pages: PageInfo! }
  type Organization @key(fields: "id") { id: ID!, plan: String! }
  type User @key(fields: "id", resolvable: false) { id: ID! }
  type Member @key(fields: "id", resolvable: false) { id: ID! }
  type Team @key(fields: "id", resolvable: false) { id: ID! }
  type PageInfo @shareable { hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String, endCursor: String }
`);
const of = (number, payer) => ({
  number,
  organization: { id: organization.id },
  payer: { id: payer },
  author: { id: member.id },
  team: { id: team.id },
  pages: { hasNextPage: false, hasPreviousPage: false },
});
const nobody = "VXNlcjo5OTk5OTk5OTk";
const resolvers = {
  Query: { bills: () => [of(1, member.user.id), of(2, nobody), of(3, member.user.id)] },
  Organization: { plan: () => "large" },
};

const composed = composeServices([
  { name: "roster", url, typeDefs: parse(printed) },
  { name: "bills", url: "http://bills.invalid/", typeDefs: bills },
]);
assert.equal(composed.errors, undefined, composed.errors?.map((error) => error.message).join("\n"));

class AsCaller extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    request.http.headers.set("authorization", `Bearer ${token}`);
  }
}
const local = new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs: bills, resolvers }));
const router = new ApolloGateway({
  supergraphSdl: composed.supergraphSdl,
  buildService: ({ name }) => (name === "bills" ? local : new AsCaller({ url })),
});
const { executor } = await router.load();

const query = `{
  bills { number organization { name plan } payer { name } author { user { name } } team { name } }
}`;
const { data, errors } = await executor({
  document: parse(query),
  request: { query },
  queryHash: "bills",
  context: {},
  metrics: {},
  cache: new Map(),
  schema: router.schema,
  operationName: null,
  operation: parse(query).definitions[0],
  logger: console,
});
await router.stop();
assert.equal(errors, undefined, JSON.stringify(errors));
// Without the prototypes of the router.
const { bills: answered } = JSON.parse(JSON.stringify(data));
assert.deepEqual(answered.map((bill) => bill.number), [1, 2, 3]);
for (const bill of answered) {
  assert.deepEqual(bill.organization, { name: "Acme", plan: "large" });
  assert.ok(bill.team.name);
  assert.equal(bill.payer?.name, bill.number === 2 ? undefined : bill.author.user.name);
}
console.log(`A graph of ${definitions(composed.supergraphSdl).size} definitions was composed and asked.`);

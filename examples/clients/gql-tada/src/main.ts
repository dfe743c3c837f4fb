// Ann asks what stricter options would do before she saves them.
import assert from "node:assert/strict";
import { Client, fetchExchange, type OperationResult } from "@urql/core";
import { affectedMember } from "./affected-member.js";
import { SaveOptionsMutation, SettingsQuery } from "./documents.js";
import type { Json, VariablesOf } from "./graphql.js";

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

/** What was asked for; fails on errors of GraphQL and of the network. */
async function answer<Data>(result: PromiseLike<Pick<OperationResult<Data>, "data" | "error">>): Promise<Data> {
  const { data, error } = await result;
  if (error) throw error;
  assert.ok(data);
  return data;
}

function isObject(json: Json): json is { [key: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

const client = new Client({
  url: setting("ROSTER_URL"),
  fetchOptions: () => ({ headers: { authorization: `Bearer ${setting("ROSTER_TOKEN")}` } }),
  preferGetMethod: false,
  exchanges: [fetchExchange],
});

// Filters are typed: what the schema does not have does not compile.
const settings = {
  slug: "acme",
  members: { isPending: false, hasTwoFactor: false },
  log: { events: ["org.edit"], after: new Date(0).toISOString() },
} satisfies VariablesOf<typeof SettingsQuery>;
void ({
  slug: "acme",
  // @ts-expect-error There is no `pending`.
  members: { pending: false },
} satisfies VariablesOf<typeof SettingsQuery>);

const { organization } = await answer(client.query(SettingsQuery, settings));
assert.ok(organization?.options && organization.auditLog);
assert.equal(organization.options.require2FA, false);
assert.ok(new Date(organization.createdAt) < new Date());
assert.equal(organization.avatar.url, null);

// What may be any JSON is looked at before it is used.
const edits = organization.auditLog.nodes.map(({ data }) => data);
assert.ok(edits.some((data) => isObject(data) && data["apdexThreshold"] === "to 400"));

/** A dry run checks everything, and says what it would change and for whom. */
async function foretell(options: Omit<VariablesOf<typeof SaveOptionsMutation>["input"], "organizationId" | "dryRun">) {
  assert.ok(organization);
  const input = { ...options, organizationId: organization.id, dryRun: true };
  const { saveOrgOptions } = await answer(client.mutation(SaveOptionsMutation, { input }));
  return saveOrgOptions;
}

// Who would have to come back with a second factor?
const relayPiiConfig: Json = { rules: {}, applications: { $string: ["@email"] } };
const strict = await foretell({ require2FA: true, relayPiiConfig });
assert.deepEqual(strict.userErrors, []);
assert.deepEqual(new Set(strict.changes.map(({ field }) => field)), new Set(["require_2fa", "relayPiiConfig"]));
assert.ok(strict.impact);
const { affectedMembers, affectedMemberCount } = strict.impact;
assert.ok(affectedMemberCount > 0 && affectedMemberCount <= organization.members.totalCount);
affectedMembers.slice(0, 3).map(affectedMember).forEach((line) => console.log(line));
console.log(`${affectedMemberCount} members would have to come back.`);

// A file is a value like any other: the client sends the request as multipart.
const avatar = new Blob(["This is no picture."], { type: "image/png" });
const refused = await foretell({ avatar });
assert.equal(refused.impact, null);
assert.deepEqual(
  refused.userErrors.map(({ code, path }) => [code, path]),
  [["AVATAR_INVALID_FORMAT", ["input", "avatar"]]],
);

// Nothing was saved.
const after = await answer(client.query(SettingsQuery, settings));
assert.deepEqual(after.organization, organization);

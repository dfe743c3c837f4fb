// Ann invites a guest, the guest joins, and Ann makes them a manager: what her page shows changes by itself.
import assert from "node:assert/strict";
import type { OperationResult } from "@urql/core";
import { rosterClient } from "./client.js";
import {
  AcceptInviteMutation,
  CreateInviteMutation,
  InvitePreviewQuery,
  MembersQuery,
  RemoveMemberMutation,
  UpdateMemberRolesMutation,
  ViewerQuery,
} from "./documents.js";
import { memberLine } from "./member-line.js";
import { refusals, remedy } from "./refusal.js";

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

/** What was asked for; fails on errors of GraphQL and of the network, which no page can mend. */
async function answer<Data>(result: PromiseLike<Pick<OperationResult<Data>, "data" | "error">>): Promise<Data> {
  const { data, error } = await result;
  if (error) throw error;
  assert.ok(data);
  return data;
}

// The cache says so when it cannot keep something: that is a mistake in client.ts.
console.warn = assert.fail;

let requests = 0;
function counted(...parameters: Parameters<typeof fetch>): ReturnType<typeof fetch> {
  requests += 1;
  return fetch(...parameters);
}

const url = setting("ROSTER_URL");
const ann = rosterClient(url, () => setting("ROSTER_TOKEN"), counted);
const guest = rosterClient(url, () => setting("ROSTER_GUEST_TOKEN"));

const { viewer } = await answer(guest.query(ViewerQuery, {}));
const email = viewer?.user?.email;
assert.ok(email, "The guest's token has no address.");

// Ann's page shows the newest members, and goes on to the next page.
const newest = { slug: "acme", first: 3 };
const { organization } = await answer(ann.query(MembersQuery, newest));
assert.ok(organization?.viewerCanInvite);
const { endCursor } = organization.members.pageInfo;
assert.ok(endCursor);
const both = await answer(ann.query(MembersQuery, { ...newest, after: endCursor }));
const nodes = both.organization?.members.edges.flatMap(({ node }) => node ?? []) ?? [];
assert.equal(both.organization?.members.totalCount, organization.members.totalCount);
assert.equal(new Set(nodes.map(({ id }) => id)).size, 6);
nodes.map(memberLine).forEach((line) => console.log(line));

// She invites the guest.
const input = { organizationId: organization.id, email, sendInvite: false };
const { createInvite } = await answer(ann.mutation(CreateInviteMutation, { input }));
assert.deepEqual(createInvite.userErrors, []);
assert.ok(createInvite.acceptUrl && createInvite.member);
console.log(memberLine(createInvite.member));

// A refusal is data: its code says what to do, its path where to show it.
const twice = await answer(ann.mutation(CreateInviteMutation, { input }));
const [refusal] = refusals(twice.createInvite.userErrors);
assert.equal(refusal?.code, "ALREADY_INVITED");
assert.equal(remedy(refusal.code), "mend-input");
assert.deepEqual(refusal.path, ["input", "email"]);

// The guest looks at the invite and accepts it.
const token = new URL(createInvite.acceptUrl).pathname.split("/").at(-1);
assert.ok(token);
const { invitePreview } = await answer(guest.query(InvitePreviewQuery, { token }));
assert.equal(invitePreview?.organizationName, "Acme");
assert.deepEqual(invitePreview.requirements, []);
const { acceptInvite } = await answer(guest.mutation(AcceptInviteMutation, { input: { token } }));
assert.deepEqual(acceptInvite.userErrors, []);
assert.ok(acceptInvite.member);
const memberId = acceptInvite.member.id;

// Ann's page shows them; like a component, it is told when the cache changes.
let line = "";
const page = ann.query(MembersQuery, newest).subscribe(({ data }) => {
  const edge = data?.organization?.members.edges.find(({ node }) => node?.id === memberId);
  line = edge?.node ? memberLine(edge.node) : "";
});
await answer(ann.query(MembersQuery, newest, { requestPolicy: "network-only" }));
assert.match(line, /, Member$/);

// She changes their role. The answer of the mutation is all that the cache needs.
const before = requests;
const { updateMemberRoles } = await answer(
  ann.mutation(UpdateMemberRolesMutation, { input: { memberId, orgRole: "manager" } }),
);
assert.deepEqual(updateMemberRoles.userErrors, []);
assert.match(line, /, Manager$/);
assert.equal(requests, before + 1);
console.log(line);
page.unsubscribe();

// Everything is as it was at first.
const { removeMember } = await answer(ann.mutation(RemoveMemberMutation, { input: { memberId } }));
assert.deepEqual(removeMember.userErrors, []);
const rest = await answer(ann.query(MembersQuery, newest));
assert.ok(rest.organization?.members.edges.every(({ node }) => node?.id !== memberId));
console.log(`Sent ${requests} requests as Ann.`);

// Ann reads a long list to its end, tries what is refused, and sees what happens elsewhere while her page is open.
import assert from "node:assert/strict";
import { distinctUntilChanged, filter, firstValueFrom, map, tap, timeout } from "rxjs";
import { WebSocket } from "ws";
import { rosterClient } from "./client.js";
import {
  AcceptInviteDocument,
  CreateInviteDocument,
  type MemberLineFragment,
  MembersDocument,
  OrganizationEventsDocument,
  RemoveMemberDocument,
  UpdateMemberRolesDocument,
  ViewerDocument,
} from "./generated/graphql.js";

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

// Apollo Client says so when it cannot keep something: that is a mistake in client.ts.
console.warn = console.error = assert.fail;

// Node has a WebSocket of its own since version 22.
const service = { url: setting("ROSTER_URL"), webSocketImpl: globalThis.WebSocket ?? WebSocket };
const page = rosterClient({ ...service, token: () => setting("ROSTER_TOKEN") });
const elsewhere = rosterClient({ ...service, token: () => setting("ROSTER_TOKEN") });
const guest = rosterClient({ ...service, token: () => setting("ROSTER_GUEST_TOKEN") });

// The page shows what this query finds, and again whenever the cache knows better.
const query = page.watchQuery({ query: MembersDocument, variables: { slug: "acme", first: 100 } });
const organizations = query.pipe(
  tap(({ error }) => assert.ifError(error)),
  filter((result) => result.dataState === "complete"),
  map(({ data }) => data.organization ?? assert.fail("There is no such organization.")),
);
let lines: ReadonlyMap<string, MemberLineFragment> = new Map();
const showing = organizations.subscribe(({ members }) => {
  lines = new Map(members.edges.flatMap(({ node }) => (node ? [[node.id, node]] : [])));
});
const ownRoles: (string | undefined)[] = [];
showing.add(
  organizations
    .pipe(
      map(({ viewerMembership }) => viewerMembership?.role.id),
      distinctUntilChanged(),
    )
    .subscribe((role) => ownRoles.push(role)),
);

/** Waits until it is so on the page. */
const until = (isSo: () => boolean) => firstValueFrom(organizations.pipe(filter(isSo), timeout(10_000)));

// Scrolling asks for page after page; the cache makes one list of them.
let organization = await until(() => lines.size > 0);
while (organization.members.pageInfo.hasNextPage) {
  const { size } = lines;
  await query.fetchMore({ variables: { after: organization.members.pageInfo.endCursor } });
  organization = await until(() => lines.size > size);
}
assert.ok(lines.size > 200);
assert.equal(lines.size, organization.members.totalCount);
console.log(`${lines.size} members in one list.`);

// Nobody changes their own role. The page shows the new one until the server has refused it.
const own = organization.viewerMembership;
assert.ok(own);
const refused = await page.mutate({
  mutation: UpdateMemberRolesDocument,
  variables: { input: { memberId: own.id, orgRole: "member" } },
  optimisticResponse: {
    updateMemberRoles: {
      __typename: "UpdateMemberRolesPayload",
      member: { ...own, role: { __typename: "OrgRole", id: "member", name: "Member" } },
      userErrors: [],
    },
  },
});
assert.equal(refused.data?.updateMemberRoles.userErrors[0]?.code, "CANNOT_CHANGE_OWN_ROLE");
assert.deepEqual(ownRoles, ["owner", "member", "owner"]);

// The page listens from where its list was read: what has changed in between is told, too.
const listening = page
  .subscribe({
    query: OrganizationEventsDocument,
    variables: { organizationId: organization.id, after: organization.lastEventId },
  })
  .subscribe(({ data, error }) => {
    assert.ifError(error);
    const event = data?.organizationEvents;
    console.log(`Told: ${event?.type}`);
    if (event?.type === "MEMBER_REMOVED") {
      // Lists leave out what the cache does not have.
      page.cache.evict({ id: `Member:${event.objectId}` });
    } else if (event?.type === "MEMBER_UPDATED" && !lines.has(event.objectId)) {
      // The cache has what came with the event, but no list has it yet.
      void query.refetch();
    }
  });

// A guest is invited and joins.
const { data } = await guest.query({ query: ViewerDocument });
const email = data?.viewer?.user?.email;
assert.ok(email, "The guest's token has no address.");
const invited = await elsewhere.mutate({
  mutation: CreateInviteDocument,
  variables: { input: { organizationId: organization.id, email, sendInvite: false } },
});
assert.deepEqual(invited.data?.createInvite.userErrors, []);
assert.ok(invited.data.createInvite.acceptUrl);
const token = new URL(invited.data.createInvite.acceptUrl).pathname.split("/").at(-1);
assert.ok(token);
const joined = await guest.mutate({ mutation: AcceptInviteDocument, variables: { input: { token } } });
assert.deepEqual(joined.data?.acceptInvite.userErrors, []);
const memberId = joined.data.acceptInvite.member?.id;
assert.ok(memberId);
await until(() => lines.get(memberId)?.role.id === "member");

// The guest becomes a manager, and has to go.
const promoted = await elsewhere.mutate({
  mutation: UpdateMemberRolesDocument,
  variables: { input: { memberId, orgRole: "manager" } },
});
assert.deepEqual(promoted.data?.updateMemberRoles.userErrors, []);
await until(() => lines.get(memberId)?.role.id === "manager");
const removed = await elsewhere.mutate({ mutation: RemoveMemberDocument, variables: { input: { memberId } } });
assert.equal(removed.data?.removeMember.removedMemberId, memberId);
await until(() => !lines.has(memberId));

listening.unsubscribe();
showing.unsubscribe();
for (const client of [page, elsewhere, guest]) client.stop();

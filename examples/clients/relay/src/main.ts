// Ann pages through the members, looks at one again, invites somebody and changes her mind.
import assert from "node:assert/strict";
import {
  commitMutation,
  createOperationDescriptor,
  type Environment,
  fetchQuery,
  getRequest,
  type GraphQLTaggedNode,
  type MutationParameters,
} from "relay-runtime";
import { observeFragment, waitForFragmentData } from "relay-runtime/experimental";
import { rosterEnvironment } from "./environment";
import * as members from "./members";
import type { members_line$key } from "./__generated__/members_line.graphql";
import type { members_organization$data, members_organization$key } from "./__generated__/members_organization.graphql";
import type { membersInviteMutation } from "./__generated__/membersInviteMutation.graphql";
import lineQuery, { type membersLineQuery } from "./__generated__/membersLineQuery.graphql";
import pageQuery, { type membersPageQuery } from "./__generated__/membersPageQuery.graphql";
import type { membersQuery } from "./__generated__/membersQuery.graphql";
import type { membersRemoveMutation } from "./__generated__/membersRemoveMutation.graphql";
import type { membersUpdateRolesMutation } from "./__generated__/membersUpdateRolesMutation.graphql";

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

/** As the hook `useMutation` does it. */
function commit<Mutation extends MutationParameters>(
  environment: Environment,
  mutation: GraphQLTaggedNode,
  variables: Mutation["variables"],
): Promise<Mutation["response"]> {
  return new Promise((resolve, reject) => {
    commitMutation<Mutation>(environment, {
      mutation,
      variables,
      onCompleted: (response, errors) => (errors?.length ? reject(new AggregateError(errors)) : resolve(response)),
      onError: reject,
    });
  });
}

async function main(): Promise<void> {
  // Relay says so when something does not fit its store: that is a mistake in environment.ts.
  console.warn = console.error = assert.fail;
  const url = setting("ROSTER_URL");
  const page = rosterEnvironment(url, () => setting("ROSTER_TOKEN"));
  const elsewhere = rosterEnvironment(url, () => setting("ROSTER_TOKEN"));

  // The page keeps what it shows, as the hook `usePreloadedQuery` does.
  const first = { slug: "acme", count: 100 };
  page.retain(createOperationDescriptor(getRequest(members.query), first));
  const opened = await fetchQuery<membersQuery>(page, members.query, first).toPromise();
  assert.ok(opened?.organization);
  const organizationId = opened.organization.id;

  const shown: members_organization$data[] = [];
  const key: members_organization$key = opened.organization;
  const showing = observeFragment(page, members.list, key).subscribe({
    next: (state) => (state.state === "ok" ? shown.push(state.value) : assert.equal(state.state, "loading")),
  });
  const list = () => shown.at(-1)?.members ?? assert.fail("Nothing is shown.");
  const line = async (id: string) => {
    const node: members_line$key | null | undefined = list().edges.find((edge) => edge.node?.id === id)?.node;
    return node ? waitForFragmentData(page, members.line, node) : undefined;
  };

  // `loadNext` asks for the fragment's own query; the connection in the store grows.
  assert.equal(list().edges.length, 100);
  while (list().pageInfo.hasNextPage) {
    const variables = { id: organizationId, count: 100, cursor: list().pageInfo.endCursor ?? null };
    await fetchQuery<membersPageQuery>(page, pageQuery, variables).toPromise();
  }
  const { totalCount, __id: connection } = list();
  assert.ok(totalCount > 200);
  assert.equal(new Set(list().edges.map(({ node }) => node?.id)).size, totalCount);
  console.log(`${totalCount} members on ${shown.length} pages.`);

  // An invite is one more line, without asking for the list again.
  const input = { organizationId, email: "relay@example.net", sendInvite: false };
  const { createInvite } = await commit<membersInviteMutation>(page, members.invite, {
    input,
    connections: [connection],
  });
  assert.deepEqual(createInvite.userErrors, []);
  assert.equal(list().edges.length, totalCount + 1);
  const memberId = createInvite.member?.id;
  assert.ok(memberId);
  assert.equal((await line(memberId))?.role.id, "member");

  // Somebody else changes it. The page asks for this one line again, by its global id.
  const { updateMemberRoles } = await commit<membersUpdateRolesMutation>(elsewhere, members.updateRoles, {
    input: { memberId, orgRole: "manager" },
  });
  assert.deepEqual(updateMemberRoles.userErrors, []);
  assert.equal((await line(memberId))?.role.id, "member");
  await fetchQuery<membersLineQuery>(page, lineQuery, { id: memberId }).toPromise();
  assert.equal((await line(memberId))?.role.id, "manager");

  // It is withdrawn, and its line is gone.
  const { removeMember } = await commit<membersRemoveMutation>(page, members.remove, {
    input: { memberId },
    connections: [connection],
  });
  assert.deepEqual(removeMember.userErrors, []);
  assert.equal(list().edges.length, totalCount);
  assert.equal(await line(memberId), undefined);
  showing.unsubscribe();
}

void main();

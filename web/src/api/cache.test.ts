import { Client, type Exchange, gql, makeResult, type Operation } from "@urql/core";
import { describe, expect, it, vi } from "vitest";
import { filter, fromPromise, map, mergeMap, pipe, subscribe } from "wonka";
import { rosterCache } from "./cache.ts";

const Members = gql`
  query Members($filter: MemberFilter) {
    organization(slug: "acme") {
      id
      members(first: 10, filter: $filter) {
        nodes { id role { id name } }
      }
    }
    roles { id name }
  }
`;
const Update = gql`
  mutation Update($input: UpdateMemberRolesInput!) {
    updateMemberRoles(input: $input) {
      member { id role { id name } }
      userErrors { code message path }
    }
  }
`;
const Event = gql`
  subscription Event {
    organizationEvents(organizationId: "o1") {
      id
      type
      objectId
      object { id ... on Member { role { id name } } }
    }
  }
`;

const member = { __typename: "OrgRole", id: "member", name: "Member" };
const owner = { __typename: "OrgRole", id: "owner", name: "Owner" };

const list = (...nodes: object[]) => ({
  organization: {
    __typename: "Organization",
    id: "o1",
    members: { __typename: "MemberConnection", nodes },
  },
  roles: [member, owner],
});
const person = (id: string, role: object) => ({ __typename: "Member", id, role });
const event = (type: string, objectId: string, object: object | null) => ({
  organizationEvents: { __typename: "OrganizationEvent", id: "e1", type, objectId, object },
});

/** What a page shows of the list at each moment, as `id:role`, with a server that answers operations by name. */
function page(answers: Record<string, () => object>, variables: object = {}) {
  const asked = vi.fn<(name: string) => void>();
  const answer = async (operation: Operation) => {
    const definition = operation.query.definitions[0];
    const name = definition && "name" in definition ? (definition.name?.value ?? "") : "";
    asked(name);
    // As from the network: no two parts of an answer are the same object.
    return { data: JSON.parse(JSON.stringify(answers[name]?.() ?? null)) };
  };
  const server: Exchange = () => (operations) =>
    pipe(
      operations,
      filter(({ kind }) => kind !== "teardown"),
      mergeMap((operation) =>
        pipe(
          fromPromise(answer(operation)),
          map((result) => makeResult(operation, result)),
        ),
      ),
    );
  const client = new Client({ url: "/graphql", preferGetMethod: false, exchanges: [rosterCache(), server] });
  const shown: string[] = [];
  pipe(
    client.query(Members, variables),
    subscribe(({ data, stale }) => {
      if (stale || !data) return;
      const nodes: ({ id: string; role: { name: string } } | null)[] = data.organization.members.nodes;
      shown.push(nodes.map((node) => node && `${node.id}:${node.role.name}`).join(" "));
    }),
  );
  return { client, shown, asked, settle: () => new Promise((resolve) => setTimeout(resolve, 20)) };
}

describe("the cache", () => {
  it("shows a new role before it is answered, and takes it back when it is refused", async () => {
    const refused = {
      updateMemberRoles: {
        __typename: "UpdateMemberRolesPayload",
        member: null,
        userErrors: [{ __typename: "UserError", code: "ROLE_NOT_ALLOWED", message: "", path: [] }],
      },
    };
    const { client, shown, settle } = page({
      Members: () => list(person("m1", member)),
      Update: () => refused,
    });
    await settle();
    await client.mutation(Update, { input: { memberId: "m1", orgRole: "owner" } }).toPromise();
    await settle();
    expect(shown).toEqual(["m1:Member", "m1:Owner", "m1:Member"]);
  });

  it("changes a member where it is when an event tells of it, without asking", async () => {
    const { client, shown, asked, settle } = page({
      Members: () => list(person("m1", member)),
      Event: () => event("MEMBER_UPDATED", "m1", person("m1", owner)),
    });
    await settle();
    pipe(
      client.subscription(Event, {}),
      subscribe(() => {}),
    );
    await settle();
    expect(shown).toEqual(["m1:Member", "m1:Owner"]);
    expect(asked.mock.calls.flat()).toEqual(["Members", "Event"]);
  });

  it("reads a list again that does not know the member of an event", async () => {
    const members = [person("m1", member)];
    const { client, shown, settle } = page({
      Members: () => list(...members),
      Event: () => event("MEMBER_UPDATED", "m2", person("m2", owner)),
    });
    await settle();
    members.push(person("m2", owner));
    pipe(
      client.subscription(Event, {}),
      subscribe(() => {}),
    );
    await settle();
    expect(shown.at(-1)).toBe("m1:Member m2:Owner");
  });

  it("reads a filtered list again, since the member may not belong there any more", async () => {
    let members = [person("m1", member)];
    const { client, shown, settle } = page(
      {
        Members: () => list(...members),
        Event: () => event("MEMBER_UPDATED", "m1", person("m1", owner)),
      },
      { filter: { roles: ["member"] } },
    );
    await settle();
    members = [];
    pipe(
      client.subscription(Event, {}),
      subscribe(() => {}),
    );
    await settle();
    expect(shown.at(-1)).toBe("");
  });

  it("takes a member out when an event says that it is gone", async () => {
    let members = [person("m1", member), person("m2", owner)];
    const { client, shown, settle } = page({
      Members: () => list(...members),
      Event: () => event("MEMBER_REMOVED", "m1", null),
    });
    await settle();
    members = [person("m2", owner)];
    pipe(
      client.subscription(Event, {}),
      subscribe(() => {}),
    );
    await settle();
    expect(shown.at(-1)).toBe("m2:Owner");
  });
});

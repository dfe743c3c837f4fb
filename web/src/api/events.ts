import type { Cache } from "@urql/exchange-graphcache";
import type { OrganizationEventType } from "../gql/graphql.ts";
import {
  type List,
  organizations,
  staleLists,
  staleOrganizations,
  staleTeams,
  staleViewer,
} from "./stale.ts";

/** The part of an event that the cache goes by. The object itself is in the cache already. */
interface OrganizationEvent {
  type: OrganizationEventType;
  objectId: string;
  object: { isViewer?: unknown } | null;
}

/** Brings the cache up to date with something that happened in an organization. */
export function applyEvent(event: unknown, cache: Cache): void {
  if (!isEvent(event)) return;
  staleLists(cache, ["auditLog"]);
  switch (event.type) {
    case "MEMBER_UPDATED":
      staleUnless(cache, "members", `Member:${event.objectId}`);
      staleLists(cache, ["invites"]);
      staleTeams(cache);
      if (event.object?.isViewer) {
        staleOrganizations(cache);
        staleViewer(cache);
      }
      break;
    case "MEMBER_REMOVED":
      cache.invalidate({ __typename: "Member", id: event.objectId });
      staleLists(cache, ["members", "invites"]);
      break;
    case "INVITE_UPDATED":
      if (event.object === null) cache.invalidate({ __typename: "Invite", id: event.objectId });
      staleLists(cache, ["invites"]);
      break;
    case "TEAM_UPDATED":
      staleUnless(cache, "teams", `Team:${event.objectId}`);
      break;
    case "TEAM_DELETED":
      cache.invalidate({ __typename: "Team", id: event.objectId });
      staleLists(cache, ["teams", "teamAccessRequests"]);
      break;
    case "TEAM_MEMBERSHIP_UPDATED":
      if (event.object === null) cache.invalidate({ __typename: "TeamMembership", id: event.objectId });
      staleLists(cache, ["teamAccessRequests"]);
      staleTeams(cache);
      break;
    case "ORGANIZATION_UPDATED":
      staleOrganizations(cache);
      break;
    case "ORGANIZATION_DELETED":
      staleViewer(cache);
      break;
  }
}

/**
 * Has a list read again that does not have the entry yet, or that is filtered and may now have it or have it no more. In
 * others the entry was changed where it is; that it may belong elsewhere now can wait, since rows that jump are worse.
 */
function staleUnless(cache: Cache, list: List, entry: string): void {
  for (const organization of organizations(cache)) {
    const pages = cache.inspectFields(organization).filter(({ fieldName }) => fieldName === list);
    const isKnown = pages.some(({ fieldKey }) => entriesOf(cache, organization, fieldKey).includes(entry));
    for (const { fieldName, arguments: args } of pages) {
      if (!isKnown || args?.filter) cache.invalidate(organization, fieldName, args);
    }
  }
}

function entriesOf(cache: Cache, organization: string, fieldKey: string): unknown[] {
  const page = cache.resolve(organization, fieldKey);
  const nodes = typeof page === "string" ? cache.resolve(page, "nodes") : null;
  return Array.isArray(nodes) ? nodes : [];
}

function isEvent(event: unknown): event is OrganizationEvent {
  return typeof event === "object" && event !== null && "type" in event && "objectId" in event;
}

import type { Cache } from "@urql/exchange-graphcache";

/** The lists of an organization. Its other fields are what it is itself. */
export type List =
  | "apiTokens"
  | "auditLog"
  | "invites"
  | "member"
  | "members"
  | "team"
  | "teamAccessRequests"
  | "teams"
  | "webhooks";

const lists: ReadonlySet<string> = new Set<List>([
  "apiTokens",
  "auditLog",
  "invites",
  "member",
  "members",
  "team",
  "teamAccessRequests",
  "teams",
  "webhooks",
]);

/** Has lists read again where they are shown, of whichever organization: rarely more than one is in the cache. */
export function staleLists(cache: Cache, names: readonly List[]): void {
  for (const organization of organizations(cache)) {
    for (const { fieldName, arguments: args } of cache.inspectFields(organization)) {
      if (names.some((name) => name === fieldName)) cache.invalidate(organization, fieldName, args);
    }
  }
}

/** Has what an organization is itself read again, and what the caller may do there. */
export function staleOrganizations(cache: Cache): void {
  for (const organization of organizations(cache)) {
    for (const { fieldName, arguments: args } of cache.inspectFields(organization)) {
      if (!lists.has(fieldName) && !identity.has(fieldName)) cache.invalidate(organization, fieldName, args);
    }
  }
}

/** What an organization is known by stays. */
const identity: ReadonlySet<string> = new Set(["__typename", "id", "lastEventId"]);

/** Has the caller's organizations and memberships read again. */
export function staleViewer(cache: Cache): void {
  for (const { fieldName, arguments: args } of cache.inspectFields("Query")) {
    if (fieldName === "organizations" || fieldName === "viewer") cache.invalidate("Query", fieldName, args);
  }
}

/** Has read again who is in teams, and what the caller may do there. */
export function staleTeams(cache: Cache): void {
  for (const team of teams(cache)) {
    for (const { fieldName, arguments: args } of cache.inspectFields(team)) {
      if (fieldName === "memberships" || fieldName.startsWith("viewer")) {
        cache.invalidate(team, fieldName, args);
      }
    }
  }
}

/** The keys of all teams that were listed or asked for by their slug. */
function teams(cache: Cache): Set<string> {
  const keys = new Set<string>();
  for (const organization of organizations(cache)) {
    for (const { fieldName, fieldKey } of cache.inspectFields(organization)) {
      if (fieldName !== "team" && fieldName !== "teams") continue;
      const link = cache.resolve(organization, fieldKey);
      const found = fieldName === "teams" && typeof link === "string" ? cache.resolve(link, "nodes") : [link];
      if (!Array.isArray(found)) continue;
      for (const key of found) if (typeof key === "string") keys.add(key);
    }
  }
  return keys;
}

/** The keys of all organizations that were asked for by their slug. */
export function organizations(cache: Cache): string[] {
  const keys = cache
    .inspectFields("Query")
    .filter(({ fieldName }) => fieldName === "organization")
    .map(({ fieldName, arguments: args }) => cache.resolve("Query", fieldName, args ?? undefined));
  return [...new Set(keys.filter((key) => typeof key === "string"))];
}

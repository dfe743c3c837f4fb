import type { AuditLogFilter } from "../../gql/graphql.ts";

/** Which entries are looked for. It stands in the address, so that it can be shared and gone back to. */
export interface EntrySearch {
  /** Names of events; empty: all. */
  events: readonly string[];
  /** Global id of the person who did it. */
  actor: string | null;
  /** The first day, such as `2026-11-21`. */
  from: string | null;
  /** The last day. */
  to: string | null;
}

/** The search that an address asks for. What makes no sense in it counts as not there. */
export function readSearch(parameters: URLSearchParams): EntrySearch {
  return {
    events: [...new Set(parameters.getAll("event").filter((event) => event !== ""))],
    actor: parameters.get("actor") || null,
    from: readDay(parameters.get("from")),
    to: readDay(parameters.get("to")),
  };
}

function readDay(day: string | null): string | null {
  return day !== null && /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) ? day : null;
}

/** Writes changes of a search into an address, and leaves everything else there as it is. */
export function writeSearch(parameters: URLSearchParams, changes: Partial<EntrySearch>): URLSearchParams {
  const { events, ...others } = { ...readSearch(parameters), ...changes };
  const written = new URLSearchParams(parameters);
  written.delete("event");
  for (const event of events) written.append("event", event);
  for (const [name, value] of Object.entries(others)) {
    if (value) written.set(name, value);
    else written.delete(name);
  }
  return written;
}

/** A search as the API takes it. Days are those of whoever looks, from midnight to midnight. */
export function searchFilter({ events, actor, from, to }: EntrySearch): AuditLogFilter | null {
  const filter: AuditLogFilter = {
    ...(events.length > 0 && { events: [...events] }),
    ...(actor && { actorId: actor }),
    // The API asks for what is later or earlier; what happens at midnight belongs to the day.
    ...(from && { after: new Date(midnight(from).getTime() - 1).toISOString() }),
    ...(to && { before: nextDay(midnight(to)).toISOString() }),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

function midnight(day: string): Date {
  return new Date(`${day}T00:00`);
}

/** Days are not all of the same length. */
function nextDay(day: Date): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
}

import type { InviteFilter, InviteStatus } from "../../gql/graphql.ts";

/** The statuses of invites that were sent, and of requests that wait for somebody to decide. */
export const invited: readonly InviteStatus[] = ["PENDING", "EXPIRED"];
export const requested: readonly InviteStatus[] = ["REQUESTED_TO_BE_INVITED", "REQUESTED_TO_JOIN"];

/** Which invites are looked at. It stands in the address, so that it can be shared and gone back to. */
export interface InviteSearch {
  query: string;
  status: InviteStatus | null;
}

/** The search that an address asks for. What makes no sense in it counts as not there. */
export function readSearch(parameters: URLSearchParams): InviteSearch {
  const status = parameters.get("status");
  return {
    query: parameters.get("q") ?? "",
    status: invited.find((known) => known.toLowerCase() === status) ?? null,
  };
}

/** Writes changes of a search into an address, and leaves everything else there as it is. */
export function writeSearch(parameters: URLSearchParams, changes: Partial<InviteSearch>): URLSearchParams {
  const { query, status } = { ...readSearch(parameters), ...changes };
  const written = new URLSearchParams(parameters);
  if (query) written.set("q", query);
  else written.delete("q");
  if (status) written.set("status", status.toLowerCase());
  else written.delete("status");
  return written;
}

/** A search as the API takes it. */
export function filterOf({ query, status }: InviteSearch): InviteFilter {
  return {
    statuses: status ? [status] : [...invited],
    ...(query.trim() && { query: query.trim() }),
  };
}

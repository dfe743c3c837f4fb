import type { MemberFilter, MemberOrder, MemberOrderField, OrderDirection } from "../../gql/graphql.ts";

/** Which members are looked at, and in which order. It stands in the address, so that it can be shared and gone back to. */
export interface MemberSearch {
  query: string;
  role: string | null;
  team: string | null;
  isPending: boolean | null;
  isSsoLinked: boolean | null;
  hasTwoFactor: boolean | null;
  order: OrderId;
}

/** The orders to choose from. */
export const orders = [
  { id: "oldest", name: "Oldest first", field: "CREATED_AT", direction: "ASC" },
  { id: "newest", name: "Newest first", field: "CREATED_AT", direction: "DESC" },
  { id: "name", name: "Name, A to Z", field: "NAME", direction: "ASC" },
  { id: "name-down", name: "Name, Z to A", field: "NAME", direction: "DESC" },
  { id: "address", name: "Address, A to Z", field: "EMAIL", direction: "ASC" },
  { id: "role", name: "Highest role first", field: "ROLE", direction: "DESC" },
  { id: "role-up", name: "Lowest role first", field: "ROLE", direction: "ASC" },
] as const satisfies readonly {
  id: string;
  name: string;
  field: MemberOrderField;
  direction: OrderDirection;
}[];

export type OrderId = (typeof orders)[number]["id"];

/** The search that an address asks for. What makes no sense in it counts as not there. */
export function readSearch(parameters: URLSearchParams): MemberSearch {
  const order = orders.find(({ id }) => id === parameters.get("order"));
  return {
    query: parameters.get("q") ?? "",
    role: parameters.get("role"),
    team: parameters.get("team"),
    isPending: readFlag(parameters.get("pending")),
    isSsoLinked: readFlag(parameters.get("sso")),
    hasTwoFactor: readFlag(parameters.get("2fa")),
    order: order?.id ?? "oldest",
  };
}

function readFlag(value: string | null): boolean | null {
  if (value === "yes") return true;
  return value === "no" ? false : null;
}

/** Writes changes of a search into an address, and leaves everything else there as it is. */
export function writeSearch(parameters: URLSearchParams, changes: Partial<MemberSearch>): URLSearchParams {
  const search = { ...readSearch(parameters), ...changes };
  const written = new URLSearchParams(parameters);
  const set = (name: string, value: string | null) => {
    if (value) written.set(name, value);
    else written.delete(name);
  };
  set("q", search.query);
  set("role", search.role);
  set("team", search.team);
  set("pending", writeFlag(search.isPending));
  set("sso", writeFlag(search.isSsoLinked));
  set("2fa", writeFlag(search.hasTwoFactor));
  set("order", search.order === "oldest" ? null : search.order);
  return written;
}

function writeFlag(flag: boolean | null): string | null {
  if (flag === null) return null;
  return flag ? "yes" : "no";
}

/** A search as the API takes it. */
export function searchVariables(search: MemberSearch): {
  filter: MemberFilter | null;
  orderBy: MemberOrder | null;
} {
  const filter: MemberFilter = {
    ...(search.query.trim() && { query: search.query.trim() }),
    ...(search.role && { roles: [search.role] }),
    ...(search.team && { teamSlugs: [search.team] }),
    ...(search.isPending !== null && { isPending: search.isPending }),
    ...(search.isSsoLinked !== null && { isSsoLinked: search.isSsoLinked }),
    ...(search.hasTwoFactor !== null && { hasTwoFactor: search.hasTwoFactor }),
  };
  const order = orders.find(({ id }) => id === search.order);
  return {
    filter: Object.keys(filter).length > 0 ? filter : null,
    orderBy: order && order.id !== "oldest" ? { field: order.field, direction: order.direction } : null,
  };
}

/** Whether anything narrows the search down. */
export function isFiltered(search: MemberSearch): boolean {
  return searchVariables(search).filter !== null;
}

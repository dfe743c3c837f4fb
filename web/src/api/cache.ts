import type { Exchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { introspection } from "../gql/introspection.ts";
import { optimistic } from "./optimistic.ts";
import { updates } from "./updates.ts";

/** Types that are part of the object that has them: they have no id, and are never read apart from it. */
const embedded = [
  "Avatar",
  "CreateInviteResult",
  "CustomOption",
  "FieldChange",
  "InviteDelivery",
  "InvitePreview",
  "MemberFlags",
  "OptionsImpact",
  "OrganizationCounters",
  "OrganizationOptions",
  "ServiceInfo",
  "TrustedRelay",
  "UserError",
  "Viewer",
];

/** The normalized cache: each object once, by its global id, wherever it was read. */
export function rosterCache(): Exchange {
  return cacheExchange({
    schema: introspection,
    keys: Object.fromEntries(embedded.map((typename) => [typename, () => null])),
    updates,
    optimistic,
  });
}

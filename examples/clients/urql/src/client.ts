// How urql is set up for Roster: who asks, and what the cache must know.
import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

/** An object without an id belongs to the one that it was read from. */
const embedded = () => null;

/** Pages that were read become one list. */
const pages = relayPagination();

export function rosterClient(url: string, token: () => string, fetch = globalThis.fetch): Client {
  return new Client({
    url,
    fetch,
    // Called for each request: a token that was renewed in the meantime is the one that is sent.
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token()}` } }),
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        keys: {
          Avatar: embedded,
          CreateInviteResult: embedded,
          CustomOption: embedded,
          FieldChange: embedded,
          InviteDelivery: embedded,
          InvitePreview: embedded,
          MemberFlags: embedded,
          OptionsImpact: embedded,
          OrganizationCounters: embedded,
          OrganizationOptions: embedded,
          ServiceInfo: embedded,
          TrustedRelay: embedded,
          UserError: embedded,
          Viewer: embedded,
        },
        resolvers: {
          Organization: {
            apiTokens: pages,
            auditLog: pages,
            invites: pages,
            members: pages,
            teamAccessRequests: pages,
            teams: pages,
            webhooks: pages,
          },
          Query: { organizations: pages },
          Team: { memberships: pages },
          Viewer: { invites: pages, memberships: pages },
          Webhook: { deliveries: pages },
        },
        updates: {
          Mutation: {
            // Lists have one more or one less: what is shown of organizations is asked for again.
            createInvite: (_result, _arguments, cache) => cache.invalidate("Organization"),
            removeMember: (_result, _arguments, cache) => cache.invalidate("Organization"),
          },
        },
      }),
      fetchExchange,
    ],
  });
}

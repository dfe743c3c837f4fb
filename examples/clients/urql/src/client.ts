// How urql is set up for Roster: who asks, and what the cache must know.
import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

/** These have no id: they belong to the object that they were read from. */
const embedded = () => null;

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
          InvitePreview: embedded,
          UserError: embedded,
          Viewer: embedded,
        },
        resolvers: {
          Organization: { members: relayPagination() },
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

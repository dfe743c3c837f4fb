import { Client, fetchExchange, mapExchange, subscriptionExchange } from "@urql/core";
import { rosterCache } from "./cache.ts";
import { errorCodes } from "./errors.ts";
import type { Socket } from "./socket.ts";
import { serverAnswers, wholeAnswers } from "./whole-answers.ts";

export interface ClientOptions {
  /** Where the API is. */
  endpoint: string;
  /** The token of whoever asks, as it is now; null: of nobody, as on the page of an invite. */
  token: () => Promise<string | null>;
  /** What subscriptions go over. */
  socket: Socket;
  /** Called when the API does not take the token, or not any more. */
  onUnauthenticated: () => void;
}

/** The way to the API for one person. Another person, or nobody, gets another client with an empty cache. */
export function createClient({ endpoint, token, socket, onUnauthenticated }: ClientOptions): Client {
  return new Client({
    url: endpoint,
    // A GET would put variables, such as addresses of people, into the log of every proxy on the way.
    preferGetMethod: false,
    fetchOptions: { credentials: "omit" },
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const bearer = await token();
      if (bearer !== null) headers.set("Authorization", `Bearer ${bearer}`);
      return fetch(input, { ...init, headers });
    },
    exchanges: [
      mapExchange({
        onError(error) {
          if (errorCodes(error).includes("UNAUTHENTICATED")) onUnauthenticated();
        },
      }),
      wholeAnswers,
      rosterCache(),
      serverAnswers,
      subscriptionExchange({ forwardSubscription: socket.forward }),
      fetchExchange,
    ],
  });
}

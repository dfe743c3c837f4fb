import { Client, fetchExchange, mapExchange, subscriptionExchange } from "@urql/core";
import { rosterCache } from "./cache.ts";
import { errorCodes } from "./errors.ts";
import type { Socket } from "./socket.ts";
import { wholeAnswers } from "./whole-answers.ts";

export interface ClientOptions {
  /** Where the API is. */
  endpoint: string;
  /** Whoever asks; null: nobody, as on the page of an invite. */
  token: string | null;
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
    fetchOptions: {
      credentials: "omit",
      headers: { ...(token && { Authorization: `Bearer ${token}` }) },
    },
    exchanges: [
      mapExchange({
        onError(error) {
          if (token && errorCodes(error).includes("UNAUTHENTICATED")) onUnauthenticated();
        },
      }),
      wholeAnswers,
      rosterCache(),
      subscriptionExchange({ forwardSubscription: socket.forward }),
      fetchExchange,
    ],
  });
}

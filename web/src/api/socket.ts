import type { SubscriptionForwarder } from "@urql/core";
import type { Client } from "graphql-ws";

export interface Socket {
  forward: SubscriptionForwarder;
  /** Calls back once each time the socket is open and has been greeted. Answers how to stop that. */
  onConnected: (callback: () => void) => () => void;
  /** Ends what is open. */
  close: () => void;
}

/**
 * A WebSocket that opens with the first subscription; only then is the library for it loaded. The token goes into the first
 * message, since a browser can only put it into the address otherwise.
 */
export function createSocket(address: string, token: () => Promise<string | null>): Socket {
  const url = new URL(address, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const listeners = new Set<() => void>();
  let client: Promise<Client> | undefined;

  async function connect(): Promise<Client> {
    const { createClient } = await import("graphql-ws");
    const connected = createClient({
      url: url.href,
      connectionParams: async () => {
        const bearer = await token();
        return { ...(bearer !== null && { Authorization: `Bearer ${bearer}` }) };
      },
      // It would subscribe behind the same event again; `follow` goes on behind the last one.
      retryAttempts: 0,
    });
    connected.on("connected", () => {
      for (const listener of listeners) listener();
    });
    return connected;
  }

  return {
    forward: ({ query, variables }) => ({
      subscribe(sink) {
        let isStopped = false;
        let stop = () => {};
        client ??= connect();
        // What could not be loaded is loaded again by the next try.
        client.catch(() => {
          client = undefined;
        });
        client.then((connected) => {
          if (isStopped) return;
          stop = connected.subscribe(
            { query: query ?? "", variables: { ...variables } },
            {
              ...sink,
              next: ({ data, errors }) =>
                sink.next({ data: data ?? null, ...(errors && { errors: [...errors] }) }),
            },
          );
        }, sink.error);
        return {
          unsubscribe() {
            isStopped = true;
            stop();
          },
        };
      },
    }),
    onConnected(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    close() {
      client?.then(
        (connected) => connected.dispose(),
        () => {},
      );
    },
  };
}

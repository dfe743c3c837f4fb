import { useEffect, useState } from "react";
import { type Client, type CombinedError, useClient } from "urql";
import { onEnd, pipe, subscribe } from "wonka";
import { graphql } from "../gql/index.ts";
import { errorCodes, passing } from "./errors.ts";
import type { Socket } from "./socket.ts";

const OrganizationEvents = graphql(`
  subscription OrganizationEvents($organizationId: ID!, $after: ID) {
    organizationEvents(organizationId: $organizationId, after: $after) {
      id
      type
      objectId
      object {
        id
        ... on Member {
          isViewer
          ...MemberRow
        }
        ... on Organization {
          name
          slug
        }
        ... on Team {
          name
          slug
        }
        ... on TeamMembership {
          member {
            ...MemberRow
          }
        }
      }
    }
  }
`);

/** Whether what is seen follows what happens: at once, again in a moment, or not at all. */
export type LiveState = "connecting" | "live" | "interrupted" | "off";

/**
 * Keeps the cache up to date with what happens in an organization, from behind its `lastEventId` on. `onGap` is called when
 * too much was missed to catch up: then everything has to be read anew. `onRefused` is called when the caller may not follow
 * it any more.
 */
export function useLive(
  socket: Socket,
  organization: { id: string; lastEventId: string | null } | null,
  onGap: () => void,
  onRefused: () => void,
): LiveState {
  const client = useClient();
  const [state, setState] = useState<LiveState>("connecting");
  const organizationId = organization?.id;
  const lastEventId = organization?.lastEventId ?? null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `lastEventId` says where to begin; from then on each event says how to go on
  useEffect(() => {
    if (organizationId === undefined) return;
    if (lastEventId === null) return setState("off");
    const stopped = new AbortController();
    const stopListening = socket.onConnected(() => setState("live"));
    setState("connecting");
    follow({
      client,
      organizationId,
      after: lastEventId,
      signal: stopped.signal,
      onInterrupted: () => setState("interrupted"),
      onStop: (reason) => {
        if (reason === "gap") return onGap();
        setState("off");
        onRefused();
      },
    });
    return () => {
      stopListening();
      stopped.abort();
    };
  }, [client, socket, organizationId, onGap, onRefused]);

  return state;
}

interface Following {
  client: Client;
  organizationId: string;
  after: string;
  signal: AbortSignal;
  onInterrupted: () => void;
  onStop: (reason: "gap" | "refused") => void;
}

/** Subscribes again and again behind the last event, until it is told to stop or another try is of no use. */
async function follow({ client, organizationId, after, signal, onInterrupted, onStop }: Following) {
  let lastSeen = after;
  let failures = 0;
  while (!signal.aborted) {
    const error = await listen(client, { organizationId, after: lastSeen }, signal, (eventId) => {
      lastSeen = eventId;
      failures = 0;
    });
    if (signal.aborted) return;
    const codes = error ? errorCodes(error) : [];
    if (codes.includes("EVENT_NOT_FOUND")) return onStop("gap");
    if (isRefusal(error, codes)) return onStop("refused");
    onInterrupted();
    failures += 1;
    await pause(backOff(failures), signal);
  }
}

/**
 * Whether the same try would end the same way: the API says so by its code, the socket by closing with one of these. 4401 is
 * not among them: it closes so when the token ends, and the next try is made with one that was renewed, or refused.
 */
export function isRefusal(error: CombinedError | undefined, codes: string[]): boolean {
  // Where there is no code, it was the network.
  if (codes.some((code) => !passing.has(code))) return true;
  const closed: unknown = error?.networkError;
  return closed instanceof CloseEvent && [4400, 4403].includes(closed.code);
}

/** Milliseconds to wait before the next try: up to half a minute, and not all browsers at the same moment. */
export function backOff(failures: number): number {
  const most = Math.min(30_000, 1000 * 2 ** Math.min(failures, 5));
  return most / 2 + (Math.random() * most) / 2;
}

/** Hears events until the subscription ends, and answers what ended it. */
function listen(
  client: Client,
  variables: { organizationId: string; after: string },
  signal: AbortSignal,
  onEvent: (eventId: string) => void,
): Promise<CombinedError | undefined> {
  return new Promise((resolve) => {
    const { unsubscribe } = pipe(
      client.subscription(OrganizationEvents, variables),
      onEnd(() => resolve(undefined)),
      subscribe(({ data, error }) => {
        if (error) resolve(error);
        else if (data) onEvent(data.organizationEvents.id);
      }),
    );
    signal.addEventListener("abort", unsubscribe, { once: true });
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

import * as v from "valibot";
import { forgetDrafts } from "./drafts.ts";

const Lease = v.object({
  /** When it began and when it ends, by the clock of this device. */
  from: v.number(),
  until: v.number(),
  refreshToken: v.nullable(v.string()),
  /** Tells the provider whom to sign out. */
  idToken: v.nullable(v.string()),
});

/** What an identity provider has said about a token that it gave. */
export type Lease = v.InferOutput<typeof Lease>;

/**
 * Who is signed in. The token is kept in `sessionStorage`: it is gone with the tab, other tabs and later visits never see
 * it, and unlike a cookie it is not sent by itself, so no other page can use it. It is in no address and in no log.
 *
 * What renews it is kept there, too. Access tokens are short-lived where providers are well set up; with the refresh token
 * in memory, each reload would soon send people to the provider again. It makes nothing worse: whatever could read one
 * could use the other, and providers exchange a refresh token of a public client each time, so that it works once.
 */
export interface Session {
  /** Another number is another sign-in, perhaps of somebody else. A token that was renewed is still the same one. */
  id: number;
  token: string | null;
  /** Null: nobody has said when it ends. */
  lease: Lease | null;
  /** Whether somebody was signed in until the API did not take the token any more. */
  hasExpired: boolean;
}

const tokenKey = "roster.token";
const leaseKey = "roster.lease";

let session: Session = {
  id: 0,
  token: sessionStorage.getItem(tokenKey),
  lease: storedLease(),
  hasExpired: false,
};
const listeners = new Set<() => void>();

/** The session now; the same object until it changes. */
export function currentSession(): Session {
  return session;
}

/** Calls back on each change, until what this answers is called. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begins to use a token. */
export function signIn(token: string, lease: Lease | null = null): void {
  store(token, lease);
  change({ id: session.id + 1, token, lease, hasExpired: false });
}

/** Goes on with another token of the same person. */
export function continueWith(token: string, lease: Lease | null): void {
  store(token, lease);
  change({ ...session, token, lease });
}

/** Forgets the token, because the person wants so. */
export function signOut(): void {
  forgetDrafts();
  end(false);
}

/** Forgets the token, because it is not good any more. */
export function expire(): void {
  end(true);
}

function end(hasExpired: boolean): void {
  sessionStorage.removeItem(tokenKey);
  sessionStorage.removeItem(leaseKey);
  change({ id: session.id + 1, token: null, lease: null, hasExpired });
}

function store(token: string, lease: Lease | null): void {
  sessionStorage.setItem(tokenKey, token);
  if (lease) sessionStorage.setItem(leaseKey, JSON.stringify(lease));
  else sessionStorage.removeItem(leaseKey);
}

function storedLease(): Lease | null {
  const stored = v.safeParse(v.pipe(v.string(), v.parseJson(), Lease), sessionStorage.getItem(leaseKey));
  return stored.success ? stored.output : null;
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

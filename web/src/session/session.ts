/**
 * Who is signed in. The token is kept in `sessionStorage`: it is gone with the tab, other tabs and later visits never see
 * it, and unlike a cookie it is not sent by itself, so no other page can use it. It is in no address and in no log.
 */
export interface Session {
  token: string | null;
  /** Whether somebody was signed in until the API did not take the token any more. */
  hasExpired: boolean;
}

const key = "roster.token";

let session: Session = { token: sessionStorage.getItem(key), hasExpired: false };
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
export function signIn(token: string): void {
  sessionStorage.setItem(key, token);
  change({ token, hasExpired: false });
}

/** Forgets the token, because the person wants so. */
export function signOut(): void {
  sessionStorage.removeItem(key);
  change({ token: null, hasExpired: false });
}

/** Forgets the token, because it is not good any more. */
export function expire(): void {
  sessionStorage.removeItem(key);
  change({ token: null, hasExpired: true });
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

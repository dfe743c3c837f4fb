import { continueWith, currentSession, type Lease } from "./session.ts";
import { loadSettings } from "./settings.ts";

/** How long before its end a token counts as ended, so that it does not end on its way. */
const margin = 30_000;

let renewing: Promise<void> | undefined;

/**
 * The token to send now, renewed if it is about to end. It is renewed when somebody needs it and not by a clock: a laptop
 * that has slept wakes up with a token that works, and a tab that nobody uses does not keep a session alive.
 */
export async function usableToken(): Promise<string | null> {
  const { lease } = currentSession();
  if (lease && isRenewable(lease) && Date.now() > lease.until - margin) {
    renewing ??= renew(lease).finally(() => {
      renewing = undefined;
    });
    await renewing;
  }
  return currentSession().token;
}

/** Whether a lease can be made longer without the person. */
export function isRenewable(lease: Lease): lease is Lease & { refreshToken: string } {
  return lease.refreshToken !== null;
}

async function renew(lease: Lease & { refreshToken: string }): Promise<void> {
  const { id, token } = currentSession();
  const { oidc } = (await loadSettings()).signIn;
  if (!oidc || token === null) return;
  const { isRefusal, renewGrant } = await import("./oidc.ts");
  try {
    const grant = await renewGrant(oidc, lease);
    if (currentSession().id === id) continueWith(grant.token, grant.lease);
  } catch (error) {
    // Another try would be refused, too. The token itself may be good for a moment; then the person signs in again.
    if (isRefusal(error) && currentSession().id === id) {
      continueWith(token, { ...lease, refreshToken: null });
    }
  }
}

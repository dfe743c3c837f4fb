import { currentSession, signOut } from "./session.ts";
import type { Settings } from "./settings.ts";

/** Signs out here and, if a provider has signed the person in and wants to know, there. */
export async function signOutEverywhere({ signIn }: Settings): Promise<void> {
  const { lease } = currentSession();
  signOut();
  if (!signIn.oidc || !lease) return;
  const { signOutAddress } = await import("./oidc.ts");
  // A provider that cannot be reached keeps nobody from having signed out here.
  const address = await signOutAddress(signIn.oidc, lease.idToken, "/console/sign-in").catch(() => null);
  if (address) location.assign(address);
}

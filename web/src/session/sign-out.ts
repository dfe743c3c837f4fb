import { currentSession, signOut } from "./session.ts";
import type { Settings } from "./settings.ts";

/** Signs out here and, if a provider has signed the person in and wants to know, there. */
export async function signOutEverywhere({ signIn }: Settings): Promise<void> {
  const { lease } = currentSession();
  signOut();
  if (!signIn.oidc || !lease) return;
  try {
    const { signOutAddress } = await import("./oidc.ts");
    const address = await signOutAddress(signIn.oidc, lease.idToken, "/console/sign-in");
    if (address) location.assign(address);
  } catch {
    // A provider that cannot be reached keeps nobody from having signed out here.
  }
}

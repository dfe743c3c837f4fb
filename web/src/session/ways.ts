import * as v from "valibot";
import type { DemoPerson, OidcSettings, Settings } from "./settings.ts";

/** A way to get a token that the API takes. */
export type SignInWay =
  | { kind: "demo"; people: readonly DemoPerson[]; mint: string }
  | { kind: "oidc"; provider: OidcSettings }
  | { kind: "paste" };

/** The ways to sign in here, the usual one first. */
export function signInWays({ signIn, development }: Settings): SignInWay[] {
  const ways: SignInWay[] = [];
  if (signIn.oidc) ways.push({ kind: "oidc", provider: signIn.oidc });
  if (signIn.mint) ways.push({ kind: "demo", people: signIn.people, mint: signIn.mint });
  if (development || ways.length === 0) ways.push({ kind: "paste" });
  return ways;
}

/** Whom to make a token for. */
export interface MintRequest {
  subject: string;
  name?: string;
  email?: string;
  emailVerified?: boolean;
  mfa?: boolean;
  idp?: string;
}

const Minted = v.object({ token: v.string() });

/** Asks the server for a token of somebody, which it only makes in development. */
export async function mintToken(address: string, request: MintRequest): Promise<string> {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`No token was made: the server answered ${response.status}.`);
  return v.parse(Minted, await response.json()).token;
}

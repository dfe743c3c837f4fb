import * as oauth from "oauth4webapi";
import * as v from "valibot";
import type { Lease } from "./session.ts";
import type { OidcSettings } from "./settings.ts";

/** A token for the API, and what the provider said about it. */
export interface Grant {
  token: string;
  lease: Lease | null;
}

/** How somebody is to sign in. */
export interface SignInRequest {
  /** Where they go on afterwards. */
  next: string;
  /** Whether the provider asks who they are although it knows: to be somebody else, or to prove more than before. */
  isFresh?: boolean;
}

/** Where the provider sends people back to. It has to know the address beforehand. */
export const callbackPath = "/console/sign-in/callback";

/** What the answer of the provider has to fit, kept while the person is there. */
const Begun = v.object({ state: v.string(), nonce: v.string(), verifier: v.string(), next: v.string() });

const begunKey = "roster.sign-in";

/** The answer belongs to nothing that was begun in this tab. */
export class NothingBegun extends Error {}

/** The provider gave no token of the kind that the settings ask for. */
export class NoToken extends Error {}

/**
 * Begins a sign-in with an authorization code and PKCE (RFC 7636), and answers where to send the person. `state` and
 * `nonce` bind the answer to this tab, so that nobody can have somebody else's answer redeemed here.
 */
export async function beginSignIn(
  provider: OidcSettings,
  { next, isFresh = false }: SignInRequest,
): Promise<URL> {
  const { authorization_endpoint: endpoint } = await discover(provider);
  if (!endpoint) throw new oauth.UnsupportedOperationError("It has no authorization endpoint.");
  const begun = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    next,
  };
  const parameters = {
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: callbackAddress(),
    scope: provider.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: "S256",
    ...(provider.audience !== null && { audience: provider.audience }),
    ...(isFresh && { prompt: "login" }),
  };
  const address = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  sessionStorage.setItem(begunKey, JSON.stringify(begun));
  return address;
}

/** Ends a sign-in at the address that the provider has sent the person back to. What was begun is used up, whatever happens. */
export async function completeSignIn(provider: OidcSettings, address: URL): Promise<Grant> {
  const begun = storedBegun();
  sessionStorage.removeItem(begunKey);
  if (!begun || begun.state !== address.searchParams.get("state")) throw new NothingBegun();
  const { state, nonce, verifier } = begun;

  const server = await discover(provider);
  const client = { client_id: provider.clientId };
  const answer = oauth.validateAuthResponse(server, client, address, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    answer,
    callbackAddress(),
    verifier,
    insecure(provider),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return grantOf(provider, tokens, null);
}

/** Where the person was when the sign-in began that has not ended yet. */
export function nextOfBegun(): string | null {
  return storedBegun()?.next ?? null;
}

function storedBegun(): v.InferOutput<typeof Begun> | null {
  const stored = v.safeParse(v.pipe(v.string(), v.parseJson(), Begun), sessionStorage.getItem(begunKey));
  return stored.success ? stored.output : null;
}

/** Exchanges what a lease has for that purpose for another token. */
export async function renewGrant(
  provider: OidcSettings,
  lease: Lease & { refreshToken: string },
): Promise<Grant> {
  const server = await discover(provider);
  const client = { client_id: provider.clientId };
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    oauth.None(),
    lease.refreshToken,
    insecure(provider),
  );
  return grantOf(provider, await oauth.processRefreshTokenResponse(server, client, response), lease);
}

/** Whether the provider has refused, so that the same try again is of no use. */
export function isRefusal(error: unknown): boolean {
  return error instanceof oauth.ResponseBodyError;
}

/** Where the provider signs people out, too. Null: it has no such address. */
export async function signOutAddress(
  provider: OidcSettings,
  idToken: string | null,
  next: string,
): Promise<URL | null> {
  const { end_session_endpoint: endpoint } = await discover(provider);
  if (!endpoint) return null;
  const address = new URL(endpoint);
  address.searchParams.set("client_id", provider.clientId);
  address.searchParams.set("post_logout_redirect_uri", new URL(next, location.origin).href);
  if (idToken !== null) address.searchParams.set("id_token_hint", idToken);
  return address;
}

function grantOf(provider: OidcSettings, tokens: oauth.TokenEndpointResponse, previous: Lease | null): Grant {
  const token = tokens[provider.token];
  if (!token) throw new NoToken();
  const seconds = lifetimeOf(provider, tokens);
  const now = Date.now();
  return {
    token,
    lease:
      seconds === undefined
        ? null
        : {
            from: now,
            until: now + seconds * 1000,
            // Who answers with no other one goes on to take the last.
            refreshToken: tokens.refresh_token ?? previous?.refreshToken ?? null,
            idToken: tokens.id_token ?? previous?.idToken ?? null,
          },
  };
}

/** How many seconds the token is good for. Counted from now, so that the clock of the device may be wrong. */
function lifetimeOf(provider: OidcSettings, tokens: oauth.TokenEndpointResponse): number | undefined {
  if (provider.token === "access_token") return tokens.expires_in;
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  return claims && claims.exp - claims.iat;
}

const descriptions = new Map<string, Promise<oauth.AuthorizationServer>>();

/** What the provider says about itself. Asked for once, and again if it did not answer. */
function discover(provider: OidcSettings): Promise<oauth.AuthorizationServer> {
  const { issuer } = provider;
  const known = descriptions.get(issuer);
  if (known) return known;
  const asked = describe(provider);
  descriptions.set(issuer, asked);
  asked.catch(() => descriptions.delete(issuer));
  return asked;
}

async function describe(provider: OidcSettings): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(provider.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure(provider)));
}

/** Roster lets a provider without TLS through in development, or on this machine; the library has to be told. */
function insecure({ issuer }: OidcSettings) {
  return { [oauth.allowInsecureRequests]: issuer.startsWith("http:") };
}

function callbackAddress(): string {
  return new URL(callbackPath, location.origin).href;
}

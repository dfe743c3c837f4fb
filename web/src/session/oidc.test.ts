import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  beginSignIn,
  callbackPath,
  completeSignIn,
  nextOfBegun,
  renewGrant,
  signOutAddress,
} from "./oidc.ts";
import { problemOf } from "./oidc-problem.ts";
import type { OidcSettings } from "./settings.ts";

let issuers = 0;
let provider: OidcSettings;
/** What the token endpoint answers, and what it was asked. */
let tokens: Record<string, unknown> | { error: string };
let asked: URLSearchParams[];

function encoded(part: object): string {
  return btoa(JSON.stringify(part)).replaceAll("=", "");
}

function idToken(claims: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const all = {
    iss: provider.issuer,
    aud: provider.clientId,
    sub: "dana",
    iat: now,
    exp: now + 600,
    ...claims,
  };
  return `${encoded({ alg: "RS256" })}.${encoded(all)}.c2ln`;
}

function answer(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** The address that the provider sends people back to. */
function back(parameters: Record<string, string>): URL {
  return new URL(`${callbackPath}?${new URLSearchParams(parameters)}`, location.origin);
}

beforeEach(() => {
  // Each test has an issuer of its own, since what issuers say about themselves is remembered.
  issuers += 1;
  provider = {
    issuer: `https://id-${issuers}.example`,
    clientId: "console",
    scope: "openid email",
    audience: null,
    token: "access_token",
  };
  asked = [];
  vi.stubGlobal("fetch", async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname === "/.well-known/openid-configuration") {
      return answer({
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize?tenant=1`,
        token_endpoint: `${provider.issuer}/token`,
        end_session_endpoint: `${provider.issuer}/bye`,
      });
    }
    asked.push(new URLSearchParams(String(init?.body)));
    return answer(tokens, "error" in tokens ? 400 : 200);
  });
});

afterEach(() => vi.unstubAllGlobals());

/** Begins a sign-in, has the provider send the person back, and answers what came of it. */
async function signInAs(claims: object = {}, parameters: Record<string, string> = { code: "code" }) {
  const { searchParams } = await beginSignIn(provider, { next: "/console/account" });
  const nonce = searchParams.get("nonce");
  tokens = {
    token_type: "Bearer",
    access_token: "access",
    expires_in: 300,
    refresh_token: "refresh",
    id_token: idToken({ nonce, ...claims }),
  };
  return completeSignIn(provider, back({ state: searchParams.get("state") ?? "", ...parameters }));
}

const problem = async (attempt: Promise<unknown>) =>
  problemOf(await attempt.catch((error: unknown) => error));

describe("beginSignIn", () => {
  it("asks for a code with PKCE, and leaves what the endpoint's address has", async () => {
    const { origin, searchParams } = await beginSignIn(
      { ...provider, audience: "roster" },
      { next: "/console/", isFresh: true },
    );
    expect(origin).toBe(provider.issuer);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      tenant: "1",
      response_type: "code",
      client_id: "console",
      scope: "openid email",
      redirect_uri: new URL(callbackPath, location.origin).href,
      code_challenge_method: "S256",
      audience: "roster",
      prompt: "login",
    });
  });

  it("is another one each time", async () => {
    const [first, second] = [
      await beginSignIn(provider, { next: "/" }),
      await beginSignIn(provider, { next: "/" }),
    ];
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(first.searchParams.get(name)).not.toBe(second.searchParams.get(name));
    }
  });

  it("knows where the person was, and tells the provider nothing of it", async () => {
    const address = await beginSignIn(provider, { next: "/invite/secret" });
    expect(nextOfBegun()).toBe("/invite/secret");
    expect(address.href).not.toContain("secret");
  });
});

describe("completeSignIn", () => {
  it("answers the access token and how long it is good for", async () => {
    const { token, lease } = await signInAs();
    expect(token).toBe("access");
    expect(lease).toMatchObject({ refreshToken: "refresh" });
    expect((lease?.until ?? 0) - (lease?.from ?? 0)).toBe(300_000);
    expect(nextOfBegun()).toBeNull();
  });

  it("proves with the verifier that it has begun the sign-in", async () => {
    await signInAs();
    expect(asked[0]?.get("code")).toBe("code");
    expect(asked[0]?.get("code_verifier")).toHaveLength(43);
  });

  it("answers the ID token where that is the one to send", async () => {
    provider = { ...provider, token: "id_token" };
    const { token, lease } = await signInAs();
    expect(token).toMatch(/^ey/);
    expect((lease?.until ?? 0) - (lease?.from ?? 0)).toBe(600_000);
  });

  it("takes no answer that nobody here has asked for", async () => {
    const attempt = signInAs({}, { code: "code", state: "somebody-elses" });
    expect((await problem(attempt)).message).toContain("another tab");
    expect(asked).toHaveLength(0);
  });

  it("takes an answer once", async () => {
    const { searchParams } = await beginSignIn(provider, { next: "/" });
    tokens = { error: "invalid_grant" };
    const address = back({ state: searchParams.get("state") ?? "", code: "code" });
    expect((await problem(completeSignIn(provider, address))).message).toContain("too long");
    expect((await problem(completeSignIn(provider, address))).message).toContain("another tab");
  });

  it("takes no token that was made for another sign-in, client or issuer", async () => {
    for (const claims of [{ nonce: "other" }, { aud: "other" }, { iss: "https://other.example" }]) {
      expect((await problem(signInAs(claims))).message).toContain("not what it should be");
    }
  });

  it("tells what the provider has refused", async () => {
    const refused = signInAs({}, { error: "access_denied", error_description: "Not in the group" });
    expect(await problem(refused)).toEqual({
      message: "The sign-in was cancelled, or you may not sign in here.",
      detail: "access_denied: Not in the group",
    });
  });

  it("tells a provider that cannot be reached, and asks it again the next time", async () => {
    const works = fetch;
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    expect((await problem(beginSignIn(provider, { next: "/" }))).message).toContain("cannot be reached");
    vi.stubGlobal("fetch", works);
    await expect(beginSignIn(provider, { next: "/" })).resolves.toBeInstanceOf(URL);
  });
});

describe("renewGrant", () => {
  it("exchanges the refresh token, and keeps it where the provider gives no other", async () => {
    tokens = { token_type: "Bearer", access_token: "renewed", expires_in: 300 };
    const lease = { from: 0, until: 0, refreshToken: "refresh", idToken: "id" };
    const grant = await renewGrant(provider, lease);
    expect(asked[0]?.get("refresh_token")).toBe("refresh");
    expect(grant).toMatchObject({ token: "renewed", lease: { refreshToken: "refresh", idToken: "id" } });
  });
});

describe("signOutAddress", () => {
  it("leads to the provider and back", async () => {
    const address = await signOutAddress(provider, "id", "/console/sign-in");
    expect(Object.fromEntries(address?.searchParams ?? [])).toEqual({
      client_id: "console",
      id_token_hint: "id",
      post_logout_redirect_uri: new URL("/console/sign-in", location.origin).href,
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usableToken } from "./renewal.ts";
import { currentSession, signIn, signOut } from "./session.ts";

const issuer = "https://id.example";
let renewals: number;
let renew: () => Promise<Response>;

function answer(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

beforeEach(() => {
  renewals = 0;
  renew = async () =>
    answer({ token_type: "Bearer", access_token: "second", expires_in: 300, refresh_token: "next" });
  vi.stubGlobal("fetch", async (input: string | URL) => {
    const path = new URL(input, location.origin).pathname;
    if (path === "/console/settings.json") {
      return answer({
        productName: "Roster",
        endpoint: "/graphql",
        socket: "/graphql",
        development: false,
        mailbox: null,
        explorer: null,
        signIn: {
          oidc: { issuer, clientId: "console", scope: "openid", audience: null, token: "access_token" },
        },
      });
    }
    if (path === "/token") {
      renewals += 1;
      return renew();
    }
    return answer({ issuer, token_endpoint: `${issuer}/token` });
  });
});

afterEach(() => {
  signOut();
  vi.unstubAllGlobals();
});

function leaseOf(secondsLeft: number) {
  const now = Date.now();
  return { from: now, until: now + secondsLeft * 1000, refreshToken: "refresh", idToken: null };
}

describe("usableToken", () => {
  it("is the token as long as it is good", async () => {
    signIn("first", leaseOf(300));
    expect(await usableToken()).toBe("first");
    expect(renewals).toBe(0);
  });

  it("is renewed once for all who ask, in the same session", async () => {
    signIn("first", leaseOf(5));
    const { id } = currentSession();
    expect(await Promise.all([usableToken(), usableToken()])).toEqual(["second", "second"]);
    expect(renewals).toBe(1);
    expect(currentSession()).toMatchObject({ id, lease: { refreshToken: "next" } });
  });

  it("is not asked for again once the provider has refused", async () => {
    renew = async () => answer({ error: "invalid_grant" }, 400);
    signIn("first", leaseOf(5));
    expect(await usableToken()).toBe("first");
    expect(await usableToken()).toBe("first");
    expect(renewals).toBe(1);
  });

  it("is asked for again if the provider could not be reached", async () => {
    renew = () => Promise.reject(new TypeError("Failed to fetch"));
    signIn("first", leaseOf(5));
    expect(await usableToken()).toBe("first");
    renew = async () => answer({ token_type: "Bearer", access_token: "third", expires_in: 300 });
    expect(await usableToken()).toBe("third");
  });

  it("does not bring back somebody who has signed out meanwhile", async () => {
    signIn("first", leaseOf(5));
    const token = usableToken();
    signOut();
    expect(await token).toBeNull();
    expect(currentSession().token).toBeNull();
  });
});

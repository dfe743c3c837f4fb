import { describe, expect, it } from "vitest";
import type { Settings } from "./settings.ts";
import { signInWays } from "./ways.ts";

const settings: Settings = {
  productName: "Roster",
  endpoint: "/graphql",
  socket: "/graphql",
  development: false,
  mailbox: null,
  explorer: null,
  signIn: { people: [] },
};
const oidc = {
  issuer: "https://id.example",
  clientId: "console",
  scope: "openid",
  audience: null,
  token: "access_token",
} as const;

const kinds = (changes: Partial<Settings>) => signInWays({ ...settings, ...changes }).map(({ kind }) => kind);

describe("signInWays", () => {
  it("offers the provider alone in production", () => {
    expect(kinds({ signIn: { people: [], oidc } })).toEqual(["oidc"]);
  });

  it("lets a token be pasted where there is no other way", () => {
    expect(kinds({})).toEqual(["paste"]);
  });

  it("offers everything in development", () => {
    expect(kinds({ development: true, signIn: { people: [], mint: "/mint", oidc } })).toEqual([
      "oidc",
      "demo",
      "paste",
    ]);
  });
});

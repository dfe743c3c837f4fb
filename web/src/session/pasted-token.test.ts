import { afterEach, describe, expect, it, vi } from "vitest";
import { isAccepted, looksLikeToken } from "./pasted-token.ts";

afterEach(() => void vi.unstubAllGlobals());

describe("looksLikeToken", () => {
  it("knows the two kinds of tokens", () => {
    expect(looksLikeToken("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln-bmF0_dXJl")).toBe(true);
    expect(looksLikeToken("rst_abcDEF123_-")).toBe(true);
  });

  it("takes nothing else", () => {
    for (const text of ["", "abc", "a.b", "a.b.c.d", "é.ü.ö", "a.b.c d", "Bearer a.b.c", "мой.т.окен"]) {
      expect(looksLikeToken(text), text).toBe(false);
    }
  });
});

describe("isAccepted", () => {
  const answer = (body: object, status = 200) =>
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));

  it("is what the API says", async () => {
    answer({ data: { viewer: { isSuperuser: false } } });
    expect(await isAccepted("/graphql", "a.b.c")).toBe(true);
    answer({ errors: [{ message: "No.", extensions: { code: "UNAUTHENTICATED" } }] }, 401);
    expect(await isAccepted("/graphql", "a.b.c")).toBe(false);
  });

  it("is not known where nobody answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(isAccepted("/graphql", "a.b.c")).rejects.toThrow();
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { currentSession, expire, onSessionChange, signIn, signOut } from "./session.ts";

describe("session", () => {
  afterEach(signOut);

  it("keeps the token in this tab only", () => {
    signIn("secret");
    expect(currentSession()).toEqual({ token: "secret", hasExpired: false });
    expect(Object.values({ ...sessionStorage })).toEqual(["secret"]);
    expect(localStorage).toHaveLength(0);
  });

  it("forgets it on signing out and on running out, and knows which", () => {
    signIn("secret");
    signOut();
    expect(currentSession()).toEqual({ token: null, hasExpired: false });
    signIn("secret");
    expire();
    expect(currentSession()).toEqual({ token: null, hasExpired: true });
    expect(sessionStorage).toHaveLength(0);
  });

  it("tells whoever listens", () => {
    const listener = vi.fn();
    const stop = onSessionChange(listener);
    signIn("secret");
    stop();
    signOut();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { continueWith, currentSession, expire, onSessionChange, signIn, signOut } from "./session.ts";

const lease = { from: 0, until: 1000, refreshToken: "refresh", idToken: null };

describe("session", () => {
  afterEach(signOut);

  it("keeps the token in this tab only", () => {
    signIn("secret");
    expect(currentSession()).toMatchObject({ token: "secret", hasExpired: false });
    expect(Object.values({ ...sessionStorage })).toEqual(["secret"]);
    expect(localStorage).toHaveLength(0);
  });

  it("forgets it on signing out and on running out, and knows which", () => {
    signIn("secret", lease);
    signOut();
    expect(currentSession()).toMatchObject({ token: null, lease: null, hasExpired: false });
    signIn("secret", lease);
    expire();
    expect(currentSession()).toMatchObject({ token: null, lease: null, hasExpired: true });
    expect(sessionStorage).toHaveLength(0);
  });

  it("is the same one with a token that was renewed, and another one with each sign-in", () => {
    signIn("first", lease);
    const { id } = currentSession();
    continueWith("second", { ...lease, until: 2000 });
    expect(currentSession()).toMatchObject({ id, token: "second", lease: { until: 2000 } });
    signIn("third");
    expect(currentSession().id).not.toBe(id);
    expect(currentSession().lease).toBeNull();
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

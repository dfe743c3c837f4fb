import { act, renderHook } from "@testing-library/react";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expire, signIn, signOut } from "./session.ts";
import { useDraft } from "./use-draft.ts";

function tokenOf(sub: string): string {
  return `e30.${btoa(JSON.stringify({ sub }))}.signature`;
}

const form = (name: string | null = "invite") => renderHook(() => useDraft(name, v.string(), ""));
const typed = (text: string, name?: string | null) => {
  const shown = form(name);
  act(() => shown.result.current[1](text));
  return shown;
};

beforeEach(() => signIn(tokenOf("ann")));
afterEach(signOut);

describe("useDraft", () => {
  it("has what was typed when the session ended, once the same person is signed in again", () => {
    const { unmount } = typed("bob@example.com");
    act(expire);
    unmount();
    signIn(tokenOf("ann"));
    expect(form().result.current[0]).toBe("bob@example.com");
  });

  it("has nothing of somebody else", () => {
    const { unmount } = typed("bob@example.com");
    act(expire);
    unmount();
    signIn(tokenOf("cara"));
    expect(form().result.current[0]).toBe("");
  });

  it("is over once the form is closed, or the person has signed out", () => {
    typed("bob@example.com").unmount();
    expect(form().result.current[0]).toBe("");
    typed("bob@example.com");
    signOut();
    expect(Object.values({ ...sessionStorage })).toEqual([]);
  });

  it("keeps nothing without a name", () => {
    typed("secret", null);
    expect(Object.values({ ...sessionStorage })).toEqual([tokenOf("ann")]);
  });
});

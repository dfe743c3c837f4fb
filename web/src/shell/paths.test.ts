import { describe, expect, it } from "vitest";
import { nextPath, paths } from "./paths.ts";

describe("nextPath", () => {
  it("goes back to a page of ours", () => {
    const page = `${paths.organization("acme")}?member=TWVtYmVyOjE`;
    const address = new URL(paths.signIn(page), location.origin);
    expect(nextPath(address.searchParams.get("next"))).toBe(page);
  });

  it("goes nowhere else", () => {
    expect(nextPath(null)).toBe(paths.home);
    expect(nextPath("https://evil.example/console/")).toBe(paths.home);
    expect(nextPath("//evil.example/console/")).toBe(paths.home);
    expect(nextPath("javascript:alert(1)")).toBe(paths.home);
    expect(nextPath("/graphql")).toBe(paths.home);
  });
});

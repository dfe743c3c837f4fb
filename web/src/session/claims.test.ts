import { describe, expect, it } from "vitest";
import { claimsOf } from "./claims.ts";

describe("claimsOf", () => {
  it("reads names in any script", () => {
    const payload = btoa(unescape(encodeURIComponent('{"sub":"ann","name":"Ann Bergström?>~"}')))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
    expect(claimsOf(`e30.${payload}.c2ln`)).toEqual({ sub: "ann", name: "Ann Bergström?>~" });
  });

  it("knows what is no such token", () => {
    expect(claimsOf("rst_0123456789")).toBeNull();
    expect(claimsOf("a.%%%.c")).toBeNull();
    expect(claimsOf(`e30.${btoa("[]")}.c2ln`)).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { familiesOf, impliedBy, leastScopes } from "./scopes.ts";

describe("impliedBy", () => {
  it("follows what is brought to the end", () => {
    expect([...impliedBy(["org:admin"]).keys()].sort()).toEqual([
      "org:integrations",
      "org:read",
      "org:write",
    ]);
    expect(impliedBy(["member:admin"]).get("member:read")).toBe("member:admin");
  });

  it("brings nothing for the weakest", () => {
    expect(impliedBy(["org:read", "team:read"]).size).toBe(0);
  });
});

describe("leastScopes", () => {
  it("leaves out what comes anyway", () => {
    expect(leastScopes(["org:read", "org:write", "team:read"])).toEqual(["org:write", "team:read"]);
  });
});

describe("familiesOf", () => {
  it("offers only what is offered, and does not forget what it does not know", () => {
    expect(familiesOf(["team:read", "moon:land"])).toEqual([
      { name: "Teams", scopes: [{ scope: "team:read", description: "See teams and who is in them." }] },
      { name: "More", scopes: [{ scope: "moon:land", description: "" }] },
    ]);
  });
});

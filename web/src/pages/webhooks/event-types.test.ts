import { describe, expect, it } from "vitest";
import { eventTexts, eventTypes, typeName } from "./event-types.ts";

describe("eventTypes", () => {
  it("has every type once", () => {
    expect([...eventTypes].sort()).toEqual(Object.keys(eventTexts).sort());
  });
});

describe("typeName", () => {
  it("names a type as deliveries do", () => {
    expect(typeName("MEMBER_UPDATED")).toBe("member.updated");
    expect(typeName("TEAM_MEMBERSHIP_UPDATED")).toBe("team_membership.updated");
  });
});

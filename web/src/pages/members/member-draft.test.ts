import { describe, expect, it } from "vitest";
import { changesOf, draftOf } from "./member-draft.ts";

const member = {
  role: { id: "member" },
  teamMemberships: [
    { team: { slug: "design", name: "Design" }, role: null },
    { team: { slug: "mobile", name: "Mobile" }, role: { id: "admin" } },
  ],
};

describe("changesOf", () => {
  it("is empty for a draft that nobody has touched", () => {
    expect(changesOf(member, draftOf(member))).toEqual({});
  });

  it("leaves the teams alone when only the role changes", () => {
    expect(changesOf(member, { ...draftOf(member), orgRole: "manager" })).toEqual({ orgRole: "manager" });
  });

  it("has the whole set of teams when one of them changes", () => {
    const [, mobile] = draftOf(member).teams;
    expect(changesOf(member, { orgRole: "member", teams: mobile ? [mobile] : [] })).toEqual({
      teamRoles: [{ teamSlug: "mobile", role: "admin" }],
    });
  });

  it("does not mind the order of teams", () => {
    const draft = draftOf(member);
    expect(changesOf(member, { ...draft, teams: draft.teams.toReversed() })).toEqual({});
  });
});

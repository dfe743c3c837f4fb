import { describe, expect, it } from "vitest";
import { changesIn, factsIn, sentenceOf } from "./entry-changes.ts";

describe("sentenceOf", () => {
  it("is what the API says", () => {
    expect(sentenceOf("team.create", "created team design", { slug: "design" })).toBe("created team design");
    expect(sentenceOf("member.fly", "did something", {})).toBe("did something");
  });

  it("names the options that were changed, but not all of many", () => {
    const change = "from 1 to 2";
    expect(sentenceOf("org.edit", "…", { name: change })).toBe("changed Name");
    expect(sentenceOf("org.edit", "…", { name: change, slug: change })).toBe("changed Name and Slug");
    expect(sentenceOf("org.edit", "…", { name: change, slug: change, require_2fa: "to true" })).toBe(
      "changed Name, Slug, and 1 more",
    );
  });
});

describe("changesIn", () => {
  it("has what changed, by names for people", () => {
    expect(changesIn("org.edit", { require_2fa: "to true" })).toEqual([
      { name: "Require 2FA", value: "to true" },
    ]);
  });

  it("has nothing where nothing was changed", () => {
    expect(changesIn("team.create", { slug: "design" })).toEqual([]);
  });
});

describe("factsIn", () => {
  it("leaves out what says nothing to people", () => {
    expect(
      factsIn({
        email: "a@example.com",
        role: null,
        teams: ["VGVhbTox"],
        team_slugs: [],
        has_global_access: true,
      }),
    ).toEqual([
      { name: "Email", value: "a@example.com" },
      { name: "Has global access", value: "Yes" },
    ]);
  });

  it("does not mind what is no map", () => {
    expect(factsIn("odd")).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { consequencesOf, consequencesOfRemoval, draftOf } from "./sso-draft.ts";

const google = { provider: "google", name: "Google", isSsoOptional: false, isScimEnabled: true };

describe("consequencesOf", () => {
  it("has none where nothing changes", () => {
    expect(consequencesOf(google, draftOf(google), false)).toEqual([]);
  });

  it("warns the caller, too, when everybody has to link", () => {
    const first = consequencesOf(null, { ...draftOf(null), provider: "google" }, true);
    expect(first).toHaveLength(2);
    expect(first[0]).toContain("You too");
    expect(first[1]).toContain("Two-factor");
  });

  it("tells that another provider is a new one", () => {
    const other = consequencesOf(google, { ...draftOf(google), provider: "okta" }, false);
    expect(other[0]).toContain("linked to Google are removed");
    expect(other[1]).toContain("You too");
  });

  it("says nothing of linking where it becomes optional, and tells of the end of SCIM", () => {
    const loose = consequencesOf(
      google,
      { ...draftOf(google), isOptional: true, isScimEnabled: false },
      false,
    );
    expect(loose).toHaveLength(2);
    expect(loose[0]).toContain("without the provider");
    expect(loose[1]).toContain("SCIM");
  });
});

describe("consequencesOfRemoval", () => {
  it("speaks of SCIM only where it is on", () => {
    expect(consequencesOfRemoval(google)).toHaveLength(2);
    expect(consequencesOfRemoval({ ...google, isScimEnabled: false })).toHaveLength(1);
  });
});

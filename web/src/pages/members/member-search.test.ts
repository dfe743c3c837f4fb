import { describe, expect, it } from "vitest";
import { isFiltered, readSearch, searchVariables, writeSearch } from "./member-search.ts";

const everything = new URLSearchParams(
  "q=jane&role=manager&team=design&pending=yes&sso=no&2fa=no&order=name",
);

describe("a search for members", () => {
  it("survives the address", () => {
    const search = readSearch(everything);
    expect(writeSearch(new URLSearchParams(), search).toString()).toBe(everything.toString());
  });

  it("is everybody, oldest first, unless the address asks otherwise", () => {
    const search = readSearch(new URLSearchParams("pending=perhaps&order=random"));
    expect(searchVariables(search)).toEqual({ filter: null, orderBy: null });
    expect(isFiltered(search)).toBe(false);
  });

  it("is told to the API in its own terms", () => {
    expect(searchVariables(readSearch(everything))).toEqual({
      filter: {
        query: "jane",
        roles: ["manager"],
        teamSlugs: ["design"],
        isPending: true,
        isSsoLinked: false,
        hasTwoFactor: false,
      },
      orderBy: { field: "NAME", direction: "ASC" },
    });
  });

  it("changes only what it is about in an address", () => {
    const written = writeSearch(new URLSearchParams("member=TWVtYmVyOjE&q=jane"), {
      query: "",
      role: "owner",
    });
    expect(written.toString()).toBe("member=TWVtYmVyOjE&role=owner");
  });
});

import { describe, expect, it } from "vitest";
import { readSearch, searchFilter, writeSearch } from "./entry-search.ts";

const read = (address: string) => readSearch(new URLSearchParams(address));

describe("readSearch and writeSearch", () => {
  it("bring a search back as it was", () => {
    const search = { events: ["org.edit", "team.create"], actor: "VXNlcjox", from: "2026-11-01", to: null };
    expect(readSearch(writeSearch(new URLSearchParams(), search))).toEqual(search);
  });

  it("leave everything else in the address alone", () => {
    const written = writeSearch(new URLSearchParams("entry=7&from=2026-11-01"), { from: null });
    expect(written.toString()).toBe("entry=7");
  });

  it("do not mind nonsense", () => {
    expect(read("from=yesterday&to=2026-13-40&event=&actor=")).toEqual(read(""));
  });
});

describe("searchFilter", () => {
  it("is nothing where nothing is looked for", () => {
    expect(searchFilter(read(""))).toBeNull();
  });

  it("has whole days, the last one, too", () => {
    const filter = searchFilter(read("from=2026-11-01&to=2026-11-02"));
    expect(filter?.after).toBe(new Date(new Date("2026-11-01T00:00").getTime() - 1).toISOString());
    expect(filter?.before).toBe(new Date("2026-11-03T00:00").toISOString());
  });

  it("passes kinds on that this console does not know", () => {
    expect(searchFilter(read("event=member.fly"))).toEqual({ events: ["member.fly"] });
  });
});

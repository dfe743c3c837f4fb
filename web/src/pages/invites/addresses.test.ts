import { describe, expect, it } from "vitest";
import { addressesIn, looksLikeAddress, splitTyped, withAddresses } from "./addresses.ts";

describe("addressesIn", () => {
  it("separates by commas, semicolons, spaces and lines", () => {
    expect(addressesIn(" a@x.org, b@x.org;c@x.org\r\nd@x.org\te@x.org  f@x.org ,, ")).toEqual(
      ["a", "b", "c", "d", "e", "f"].map((name) => `${name}@x.org`),
    );
  });

  it("reads what mail programs write", () => {
    expect(addressesIn('"Ann Bergström" <ann@x.org>, Bob <bob@x.org> Cara <cara@x.org>')).toEqual([
      "ann@x.org",
      "bob@x.org",
      "cara@x.org",
    ]);
  });

  it("keeps what is no address, so that people see it", () => {
    expect(addressesIn("ann@x.org oops")).toEqual(["ann@x.org", "oops"]);
  });
});

describe("withAddresses", () => {
  it("folds what differs in letter case only, and keeps the order", () => {
    expect(withAddresses(["Ann@x.org"], ["bob@x.org", "ann@X.org", "bob@x.org"])).toEqual([
      "Ann@x.org",
      "bob@x.org",
    ]);
  });
});

describe("splitTyped", () => {
  it("waits until an address is whole", () => {
    expect(splitTyped("ann@x.or")).toEqual({ whole: [], rest: "ann@x.or" });
    expect(splitTyped("ann@x.org,")).toEqual({ whole: ["ann@x.org"], rest: "" });
    expect(splitTyped("ann@x.org ")).toEqual({ whole: ["ann@x.org"], rest: "" });
    expect(splitTyped("ann@x.org, bo")).toEqual({ whole: ["ann@x.org"], rest: "bo" });
  });

  it("lets a name be typed before its address", () => {
    expect(splitTyped("Ann Berg")).toEqual({ whole: [], rest: "Ann Berg" });
    expect(splitTyped("Ann Berg <ann@x.org>,")).toEqual({ whole: ["ann@x.org"], rest: "" });
  });
});

describe("looksLikeAddress", () => {
  it("sees what is missing", () => {
    expect(looksLikeAddress("ann@x")).toBe(true);
    for (const text of ["ann", "@x.org", "ann@", "a@b@c"]) expect(looksLikeAddress(text)).toBe(false);
  });
});

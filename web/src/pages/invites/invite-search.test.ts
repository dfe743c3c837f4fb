import { describe, expect, it } from "vitest";
import { filterOf, readSearch, writeSearch } from "./invite-search.ts";

describe("the search for invites", () => {
  it("is read as it was written", () => {
    const search = { query: "ann", status: "EXPIRED" } as const;
    const written = writeSearch(new URLSearchParams("tab=sent"), search);
    expect(written.toString()).toBe("tab=sent&q=ann&status=expired");
    expect(readSearch(written)).toEqual(search);
    expect(writeSearch(written, { query: "", status: null }).toString()).toBe("tab=sent");
  });

  it("does not let an address show requests among the invites", () => {
    expect(readSearch(new URLSearchParams("status=requested_to_join")).status).toBeNull();
    expect(filterOf({ query: " ", status: null })).toEqual({ statuses: ["PENDING", "EXPIRED"] });
  });
});

import { describe, expect, it } from "vitest";
import { endOf, stateOf } from "./expiry.ts";

const now = Date.UTC(2026, 5, 15, 12);

describe("endOf", () => {
  it("counts days from now", () => {
    expect(endOf("7", "", now)).toBe("2026-06-22T12:00:00.000Z");
    expect(endOf("never", "", now)).toBeNull();
  });

  it("takes the whole of the last day, where the reader is", () => {
    expect(endOf("date", "2026-07-01", now)).toBe(new Date(2026, 6, 1, 23, 59, 59).toISOString());
  });
});

describe("stateOf", () => {
  it("tells what has ended from what soon will", () => {
    expect(stateOf(null, now)).toBe("good");
    expect(stateOf("2026-06-15T12:00:00Z", now)).toBe("ended");
    expect(stateOf("2026-06-20T12:00:00Z", now)).toBe("ending");
    expect(stateOf("2026-06-23T12:00:00Z", now)).toBe("good");
  });
});

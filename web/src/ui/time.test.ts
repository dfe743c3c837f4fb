import { describe, expect, it } from "vitest";
import { relativeTime } from "./time.ts";

describe("relativeTime", () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const ago = (seconds: number) => relativeTime(now - seconds * 1000, now);

  it("takes the largest unit that fits", () => {
    expect(ago(59)).toBe("just now");
    expect(ago(60)).toBe("1 minute ago");
    expect(ago(3_599)).toBe("59 minutes ago");
    expect(ago(86_400)).toBe("yesterday");
    expect(ago(8 * 86_400)).toBe("last week");
  });

  it("is a date when it is far away", () => {
    expect(ago(29 * 86_400)).toBe("May 17, 2026");
    expect(ago(-29 * 86_400)).toBe("Jul 14, 2026");
  });

  it("looks ahead, too", () => {
    expect(ago(-2 * 86_400)).toBe("in 2 days");
    expect(ago(-30)).toBe("just now");
  });
});

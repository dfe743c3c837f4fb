import { describe, expect, it } from "vitest";
import { middleSquare, savedSize } from "./picture.ts";

describe("middleSquare", () => {
  it("is all of a square picture", () => {
    expect(middleSquare(500, 500)).toEqual({ x: 0, y: 0, width: 100, height: 100 });
  });

  it("leaves the ends of a long one away", () => {
    expect(middleSquare(800, 400)).toEqual({ x: 25, y: 0, width: 50, height: 100 });
    expect(middleSquare(300, 600)).toEqual({ x: 0, y: 25, width: 100, height: 50 });
  });
});

describe("savedSize", () => {
  const half = { x: 0, y: 0, width: 50, height: 50 };

  it("keeps what is neither too small nor too large", () => {
    expect(savedSize(1200, half)).toBe(600);
  });

  it("keeps within what the API takes", () => {
    expect(savedSize(6000, half)).toBe(1024);
    expect(savedSize(300, half)).toBe(256);
  });
});

import { describe, expect, it } from "vitest";
import { stepsOf } from "./steps.ts";

const read = (...parameters: Parameters<typeof stepsOf>) =>
  stepsOf(...parameters).map(({ id, state }) => `${id} ${state}`);

describe("stepsOf", () => {
  it("begins with signing in", () => {
    expect(read(["SIGN_IN", "ENROLL_TWO_FACTOR"], [])).toEqual([
      "SIGN_IN current",
      "ENROLL_TWO_FACTOR ahead",
      "JOIN ahead",
    ]);
  });

  it("keeps what was done in view", () => {
    expect(read(["LINK_SSO"], ["SIGN_IN", "VERIFY_EMAIL", "LINK_SSO"])).toEqual([
      "SIGN_IN done",
      "VERIFY_EMAIL done",
      "LINK_SSO current",
      "JOIN ahead",
    ]);
  });

  it("ends with joining", () => {
    expect(read([], [])).toEqual(["SIGN_IN done", "JOIN current"]);
  });
});

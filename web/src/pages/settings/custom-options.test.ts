import { describe, expect, it } from "vitest";
import type { CustomOptionDetailsFragment } from "../../gql/graphql.ts";
import { customSpec } from "./custom-options.ts";

function option(changes: Partial<CustomOptionDetailsFragment>): CustomOptionDetailsFragment {
  return {
    name: "costCenter",
    description: null,
    type: "TEXT",
    min: null,
    max: null,
    pattern: null,
    values: null,
    scope: "org:write",
    default: null,
    value: null,
    isSet: false,
    ...changes,
  };
}

describe("customSpec", () => {
  it.each([
    [{ type: "BOOL" }, "boolean"],
    [{ type: "INT" }, "number"],
    [{ type: "FLOAT" }, "number"],
    [{ type: "TEXT" }, "text"],
    [{ type: "TEXTS" }, "list"],
    [{ type: "INT", values: [1, 2] }, "choice"],
    [{ type: "TEXT", values: ["a"] }, "choice"],
    [{ type: "TEXTS", values: ["a"] }, "choices"],
  ] as const)("makes a field of %o", (changes, kind) => {
    const { values, ...others } = { values: null, ...changes };
    expect(customSpec(option({ ...others, values: values && [...values] })).kind).toBe(kind);
  });

  it("keeps the bounds, and says what a text has to look like", () => {
    expect(customSpec(option({ min: 0, max: 1000, pattern: "[A-Z]+" }))).toMatchObject({
      label: "Cost center",
      min: 0,
      max: 1000,
      hint: "0 to 1,000 characters. It is like `[A-Z]+`.",
      isClearable: true,
    });
  });
});

import { describe, expect, it } from "vitest";
import { changesOf, draftOf, inputOf, isReordered, type OptionSpec, relaysOf } from "./option-spec.ts";

function spec(kind: OptionSpec["kind"], name = "option"): OptionSpec {
  return { name, label: name, description: null, kind, default: null, isClearable: true };
}

const key = (letter: string) => letter.repeat(43);
const relay = (letter: string) => ({ name: letter, publicKey: key(letter), description: null });

describe("draftOf and inputOf", () => {
  it.each([
    ["boolean", false],
    ["number", 7],
    ["number", null],
    ["text", "a"],
    ["list", ["a", "b"]],
    ["choice", "project"],
    ["choice", 3],
    ["choices", ["a"]],
    ["relays", [relay("a")]],
  ] as const)("bring a %s back as it was", (kind, value) => {
    expect(inputOf(spec(kind), draftOf(spec(kind), value))).toEqual(value);
  });

  it("take a role by its id", () => {
    expect(inputOf(spec("role"), draftOf(spec("role"), { id: "admin" }))).toBe("admin");
  });

  it("make of an empty text nothing, which clears the option", () => {
    expect(inputOf(spec("text"), "  ")).toBeNull();
    expect(inputOf(spec("json"), "")).toBeNull();
  });

  it("make an entry of each line, but of no blank one", () => {
    expect(inputOf(spec("list"), " a \n\nb\n")).toEqual(["a", "b"]);
  });
});

describe("changesOf", () => {
  const specs = [spec("boolean", "isOn"), spec("number", "count"), spec("relays", "relays")];
  const values = { isOn: true, count: 3, relays: [relay("a"), relay("b")] };

  it("is empty where nobody has touched anything, or has taken it back", () => {
    expect(changesOf(specs, values, {})).toEqual({});
    expect(changesOf(specs, values, { isOn: true, count: 3 })).toEqual({});
  });

  it("has what differs, and nothing else", () => {
    expect(changesOf(specs, values, { isOn: true, count: null })).toEqual({ count: null });
  });

  it("does not count another order of relays, which the API would not save", () => {
    const relays = relaysOf(draftOf(spec("relays"), values.relays));
    expect(changesOf(specs, values, { relays: relays.toReversed() })).toEqual({});
    expect(isReordered(relays.toReversed(), relays)).toBe(true);
    expect(isReordered(relays.slice(1), relays)).toBe(false);
  });

  it("saves the order of relays with another change", () => {
    const [first, second] = relaysOf(draftOf(spec("relays"), values.relays));
    const drafts = first && second ? { relays: [second, { ...first, name: "c" }] } : {};
    expect(changesOf(specs, values, drafts)).toEqual({
      relays: [relay("b"), { ...relay("a"), name: "c" }],
    });
  });
});

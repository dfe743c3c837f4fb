import { describe, expect, it } from "vitest";
import { options } from "../../registry/options.ts";
import { optionGroups, specsOf } from "./option-groups.ts";

const find = (name: string) => options.find((option) => option.name === name);

describe("optionGroups", () => {
  it("has every option of the schema exactly once", () => {
    const grouped = optionGroups.flatMap((group) => group.options);
    expect(grouped.toSorted()).toEqual(options.map(({ name }) => name).toSorted());
  });

  it("shows whom it concerns before anything is required of members", () => {
    const requirements = optionGroups.filter(({ isRequirement }) => isRequirement);
    const required = options.filter(({ name }) => name.startsWith("require")).map(({ name }) => name);
    expect(requirements.flatMap((group) => group.options).toSorted()).toEqual(required.toSorted());
  });

  it("keeps its order of options", () => {
    for (const group of optionGroups) {
      expect(specsOf(group).map(({ name }) => name)).toEqual(group.options);
    }
  });
});

describe("what is read of the schema", () => {
  it("knows a number and its bounds", () => {
    expect(find("projectRateLimit")).toEqual({
      name: "projectRateLimit",
      description: "Largest share of the account's rate limit that a single project may use, in percent.",
      kind: "number",
      isInteger: true,
      min: 50,
      max: 100,
      default: 100,
      isClearable: true,
    });
    expect(find("storeCrashReports")).toMatchObject({ min: -1, max: 100, isClearable: false });
    expect(find("apdexThreshold")).toMatchObject({ min: 1, default: null, isClearable: true });
    expect(find("targetSampleRate")).toMatchObject({ isInteger: false, min: 0, max: 1, default: 1 });
  });

  it("tells roles, choices, lists and JSON apart", () => {
    expect(find("attachmentsRole")).toMatchObject({ kind: "role", default: "member" });
    expect(find("samplingMode")).toMatchObject({ kind: "choice", choices: ["organization", "project"] });
    expect(find("sensitiveFields")).toMatchObject({ kind: "list", default: [] });
    expect(find("relayPiiConfig")).toMatchObject({ kind: "json", isClearable: true });
    expect(find("trustedRelays")).toMatchObject({ kind: "relays" });
  });

  it("has a description for each", () => {
    for (const { description } of options) expect(description).toMatch(/^[A-Z][^`]*(`[^`]+`[^`]*)*\.$/);
  });
});

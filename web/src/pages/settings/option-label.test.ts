import { describe, expect, it } from "vitest";
import { optionLabel } from "./option-label.ts";

describe("optionLabel", () => {
  it.each([
    ["allowJoinRequests", "Allow join requests"],
    ["require2FA", "Require 2FA"],
    ["scrubIPAddresses", "Scrub IP addresses"],
    ["githubOpenPRBot", "GitHub open PR bot"],
    ["scrapeJavaScript", "Scrape JavaScript"],
    ["relayPiiConfig", "Relay PII config"],
    ["isEarlyAdopter", "Early adopter"],
    ["seats", "Seats"],
  ])("makes words of %s", (name, label) => {
    expect(optionLabel(name)).toBe(label);
  });

  it("makes words of what the audit log names", () => {
    expect(optionLabel("disable_shared_issues")).toBe("Disable shared issues");
    expect(optionLabel("customOptions.costCenter")).toBe("Cost center");
  });
});

import { expect, test, vi } from "vitest";
import { findingsOf } from "./axe.ts";
import { openWindow } from "./browser.ts";
import { ann, signInAs } from "./people.ts";
import { startRoster } from "./roster.ts";
import { dialogs, pages } from "./sights.ts";

// Two dozen pages and dialogs, and axe takes its time with each.
vi.setConfig({ testTimeout: 300_000 });

/** In dark only colours are others. */
const schemes = [
  { colorScheme: "light", rule: undefined },
  { colorScheme: "dark", rule: "color-contrast" },
] as const;

test.each(schemes)("axe finds nothing wrong with any page in $colorScheme", async ({ colorScheme, rule }) => {
  const roster = await startRoster();
  const page = await openWindow(roster, { colorScheme });
  const findings: Record<string, string[]> = {};
  const look = async () => {
    await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
    return findingsOf(page, rule);
  };

  await page.goto("/console/sign-in");
  await page.getByRole("button", { name: ann.name }).waitFor();
  findings["sign-in"] = await look();
  await signInAs(page, ann);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();

  for (const { name, open } of [...pages, ...dialogs]) {
    await open(page);
    findings[name] = await look();
  }
  expect(Object.entries(findings).filter(([, found]) => found.length > 0)).toEqual([]);
});

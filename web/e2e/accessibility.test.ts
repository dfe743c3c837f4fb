import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { findingsOf } from "./axe.ts";
import { openWindow } from "./browser.ts";
import { ann, signInAs } from "./people.ts";
import { startRoster } from "./roster.ts";
import { sights } from "./sights.ts";

/** Nothing is said of what is still on its way. */
async function looked(page: Page): Promise<string[]> {
  await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
  return findingsOf(page);
}

test.each(["light", "dark"] as const)("axe finds nothing wrong with any page in %s", async (colorScheme) => {
  const roster = await startRoster();
  const page = await openWindow(roster, { colorScheme });
  const findings: Record<string, string[]> = {};

  await page.goto("/console/sign-in");
  await page.getByRole("button", { name: ann.name }).waitFor();
  findings["sign-in"] = await looked(page);
  await signInAs(page, ann);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();

  for (const { name, open } of sights) {
    await open(page);
    findings[name] = await looked(page);
  }
  expect(Object.entries(findings).filter(([, found]) => found.length > 0)).toEqual([]);
});

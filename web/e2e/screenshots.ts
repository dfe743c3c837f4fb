import { mkdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { openWindow } from "./browser.ts";
import { asOwner } from "./organization.ts";
import { acme, ann, signInAs, signInWith } from "./people.ts";
import { startRoster } from "./roster.ts";
import { pages } from "./sights.ts";

const folder = "../docs/screenshots";
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function keep(page: Page, name: string): Promise<void> {
  await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled", caret: "hide" });
}

test.each(["light", "dark"] as const)("a picture of an invite in %s", async (colorScheme) => {
  await mkdir(folder, { recursive: true });
  const roster = await startRoster();
  const owner = await asOwner(roster);
  await owner.require({ require2FA: true });
  const page = await openWindow(roster, { colorScheme });
  await page.goto(await owner.invite("dana@example.net"));
  await signInWith(
    page,
    await roster.token({ subject: "dana", name: "Dana Kim", email: "dana@example.net" }),
  );
  await page.getByRole("button", { name: "Sign in with a second factor" }).waitFor();
  await keep(page, `accept-${colorScheme}`);
});

test.each(["light", "dark"] as const)("pictures of every page in %s", async (colorScheme) => {
  await mkdir(folder, { recursive: true });
  const roster = await startRoster();
  const page = await openWindow(roster, { colorScheme });

  await page.goto("/console/sign-in");
  await page.getByRole("button", { name: ann.name }).waitFor();
  await keep(page, `sign-in-${colorScheme}`);

  await signInAs(page, ann);
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  for (const { name, open } of pages) {
    await open(page);
    await keep(page, `${name}-${colorScheme}`);
  }

  const small = await openWindow(roster, { colorScheme, ...phone });
  await small.goto(acme("members"));
  await signInAs(small, ann);
  await small.getByRole("row", { name: /Cara Rossi/ }).waitFor();
  await keep(small, `members-phone-${colorScheme}`);
  await small.goto(acme("settings"));
  await small.getByRole("region", { name: "Membership" }).waitFor();
  await keep(small, `settings-phone-${colorScheme}`);
});

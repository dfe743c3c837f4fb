import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { rowOf } from "./drawer.ts";
import { acme, ann, signInAs, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

/** Has the API take the token no more for one operation. */
async function endSessionAt(page: Page, operationName: string): Promise<void> {
  await page.route(/\/graphql$/, (route) =>
    route.request().postDataJSON().operationName === operationName
      ? route.fulfill({
          status: 401,
          json: { errors: [{ message: "Sign in.", extensions: { code: "UNAUTHENTICATED" } }] },
        })
      : route.fallback(),
  );
}

test("what was typed is there again after signing in again", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("invites?new"), { expected: /401/ });
  const dialog = page.getByRole("dialog", { name: "Invite people" });
  await dialog.getByLabel("Addresses", { exact: true }).fill("vera@example.com,wim@example.com,");
  await endSessionAt(page, "CreateInvites");
  await dialog.getByRole("button", { name: "Invite 2 people" }).click();
  await page.getByText("Your session has ended.").waitFor();
  await page.unrouteAll();

  await signInAs(page, ann);
  await dialog.getByRole("button", { name: "Invite 2 people" }).click();
  await dialog.getByText("wim@example.com").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual(["roster.token"]);
});

test("settings that are not saved are left only on purpose", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("settings"));
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.fill("Acme & Sons");
  const teams = page.getByRole("link", { name: "Teams", exact: true });
  await teams.click();
  const asked = page.getByRole("dialog", { name: "Leave without saving?" });
  await asked.getByRole("button", { name: "Cancel" }).click();
  expect(await name.inputValue()).toBe("Acme & Sons");

  await teams.click();
  await asked.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { level: 1, name: /^Teams/ }).waitFor();
  await page.goBack();
  await name.waitFor();
  expect(await name.inputValue()).toBe("Acme");

  await page.getByRole("textbox", { name: "Name in addresses" }).fill("acme-2");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/acme-2\/settings/);
});

test("the way back leads to the same place in a long list", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"));
  await rowOf(page, ann.name).waitFor();
  const scrolled = () => page.evaluate(() => Math.round(scrollY));
  for (let parts = 0; parts < 4; parts++) {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(400);
  }
  await page.evaluate(() => scrollBy(0, -333));
  await expect.poll(() => page.getByRole("row").nth(5).isVisible()).toBe(true);
  const place = await scrolled();
  expect(place).toBeGreaterThan(3000);

  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  expect(await scrolled()).toBe(0);
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: /^Members/ }).waitFor();
  await expect.poll(async () => Math.abs((await scrolled()) - place)).toBeLessThan(60);
});

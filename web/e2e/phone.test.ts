import { expect, test } from "vitest";
import { acme, ann, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test("on a phone members are cards, and the pages are in a drawer", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members?q=cara"), phone);
  const card = page.getByRole("row", { name: /Cara Rossi/ });
  await card.waitFor();

  const cells = card.getByRole("gridcell");
  const [name, role] = await Promise.all([cells.nth(0).boundingBox(), cells.nth(1).boundingBox()]);
  expect(role?.y).toBeGreaterThanOrEqual((name?.y ?? 0) + (name?.height ?? 0));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(phone.viewport.width);

  await page.getByRole("button", { name: "Navigation" }).tap();
  await page.getByRole("dialog", { name: "Navigation" }).getByRole("link", { name: "Teams" }).tap();
  await page.getByRole("heading", { level: 1, name: "Teams" }).waitFor();
  await page.getByRole("dialog", { name: "Navigation" }).waitFor({ state: "hidden" });
});

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

test("on a phone nothing of a page is covered or cut", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("teams"), phone);
  const initials = page.getByRole("row", { name: /Backend/ }).locator("span[aria-hidden=true]");
  await initials.first().waitFor();
  const [first, second] = await Promise.all([initials.nth(0).boundingBox(), initials.nth(1).boundingBox()]);
  expect(second?.x).toBeGreaterThanOrEqual((first?.x ?? 0) + (first?.width ?? 0));

  await page.goto(acme("invites"));
  const search = page.getByRole("searchbox", { name: "Search invites" });
  await search.waitFor();
  const room = await search.evaluate((field) => {
    if (!(field instanceof HTMLInputElement)) return null;
    const { paddingLeft, paddingRight, font } = getComputedStyle(field);
    const pen = document.createElement("canvas").getContext("2d");
    if (!pen) return null;
    pen.font = font;
    const width = field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
    return width - pen.measureText(field.placeholder).width;
  });
  expect(room).toBeGreaterThan(0);
});

test("a name in addresses that cannot be had is marked at its field", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("settings"), phone);
  const field = page.getByRole("textbox", { name: "Name in addresses" });
  await field.fill("No Slug");
  await page.getByText("No Slug cannot be had").waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  await field.fill("acme-2");
  await page.getByText("acme-2 is free.").waitFor();
  expect(await field.getAttribute("aria-invalid")).toBeNull();
});

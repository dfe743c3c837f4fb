import { expect, test } from "vitest";
import { acme, ann, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

test("a page that could not be loaded is loaded by another try, and by going there again", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"), { expected: /ERR_FAILED|did not give/ });
  await page.getByRole("heading", { level: 1, name: /^Members/ }).waitFor();
  const files = /\/assets\/(webhooks|sso)-/;
  const asked: string[] = [];
  page.on("request", (request) => files.test(request.url()) && asked.push(request.url()));
  await page.route(files, (route) => route.abort());
  await page.route(/\/console\/$/, (route) => route.abort());

  const pages = page.getByRole("navigation", { name: "Pages" });
  const failed = page.getByRole("heading", { level: 1, name: "Roster cannot be reached" });
  await pages.getByRole("link", { name: "Webhooks" }).click();
  await failed.waitFor();
  await pages.getByRole("link", { name: "Single sign-on" }).click();
  await failed.waitFor();

  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1, name: "Single sign-on" }).waitFor();
  await pages.getByRole("link", { name: "Webhooks" }).click();
  await page.getByRole("heading", { level: 1, name: "Webhooks" }).or(failed).waitFor();
  if (await failed.isVisible()) await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
  expect(asked.length).toBeGreaterThanOrEqual(4);
});

test("the console begins once its settings can be had", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"), { expected: /503|did not give/ });
  await page.getByRole("heading", { level: 1, name: /^Members/ }).waitFor();
  await page.route(/settings\.json$/, (route) => route.fulfill({ status: 503 }));
  await page.reload();
  await page.getByRole("main").getByRole("heading", { name: "Roster cannot be reached" }).waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1, name: /^Members/ }).waitFor();
});

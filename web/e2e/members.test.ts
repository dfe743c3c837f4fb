import { expect, test } from "vitest";
import { acme, ann, bob, cara, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

test("who signs in comes to where they wanted to", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members?query=cara"));
  await page.getByRole("row", { name: /Cara Rossi/ }).waitFor();
  expect(page.url()).toBe(`${roster.url}${acme("members?query=cara")}`);
  expect(await page.getByRole("row").count()).toBeLessThan(10);
});

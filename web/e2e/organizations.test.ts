import { expect, test } from "vitest";
import { acme, ann, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

test("what is refused is said at its field, and can be put right there", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"));
  await page.getByRole("button", { name: "Acme", exact: true }).click();
  await page.getByRole("button", { name: "Create an organization" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Acme");
  const address = dialog.getByLabel("Name in addresses");
  await address.fill("acme");
  await dialog.getByRole("button", { name: "Create" }).click();

  await dialog.getByText("This slug is taken.").waitFor();
  expect(await address.getAttribute("aria-invalid")).toBe("true");
  await address.fill("acme-two");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.waitForURL("**/console/organizations/acme-two/members");
});

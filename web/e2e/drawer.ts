import type { Locator, Page } from "playwright-core";

/** The row of a member in the list. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole("row", { name: new RegExp(name) });
}

/** The details of a member, which a press on the row opens. */
export function drawer(page: Page): Locator {
  return page.getByRole("dialog", { name: "Member" });
}

/** Chooses a role in the open details, and does not save. */
export async function chooseRole(page: Page, role: string): Promise<void> {
  await drawer(page).getByRole("button", { name: /Role$/ }).click();
  await page.getByRole("option", { name: new RegExp(`^${role}\\b`) }).click();
}

import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Opens what the invite to an address leads to, from its letter in the mailbox of development, once that is there. */
export async function followInvite(page: Page, address: string): Promise<Page> {
  await page.goto("/dev/mail");
  const row = page.getByRole("row", { name: address });
  await expect.poll(async () => (await page.reload()) && row.count(), { timeout: 10_000 }).toBe(1);
  await row.getByRole("link").click();
  const opening = page.context().waitForEvent("page");
  await page.getByRole("link", { name: /\/invite\// }).click();
  return opening;
}

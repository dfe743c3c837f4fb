import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openWindow } from "./browser.ts";
import { asOwner } from "./organization.ts";
import { signInWith } from "./people.ts";
import { type Roster, startRoster } from "./roster.ts";

/** Opens an invite as Dana, of whom not much is known. */
async function openAsDana(roster: Roster, address: string): Promise<Page> {
  const page = await openWindow(roster);
  await page.goto(address);
  const token = await roster.token({
    subject: "dana",
    name: "Dana Kim",
    email: "dana@example.net",
    emailVerified: false,
  });
  await signInWith(page, token);
  return page;
}

async function join(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Join Acme" }).click();
  await page.waitForURL("**/console/organizations/acme/members");
  await page.getByText("Welcome to Acme.").waitFor();
}

test("who is invited sees to what before signing in, and joins", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  const page = await openAsDana(roster, await owner.invite("dana@example.net"));
  await page.getByText("Ann Bergström invites you to Acme as member.").waitFor();
  await join(page);
});

test("a second factor is asked for where the organization requires it", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  await owner.require({ require2FA: true });
  const page = await openAsDana(roster, await owner.invite("dana@example.net"));
  await page.getByText("Set up a second factor").waitFor();
  expect(await page.getByRole("button", { name: "Join Acme" }).count()).toBe(0);
  await page.getByRole("button", { name: "Sign in with a second factor" }).click();
  await join(page);
});

test("a verified address is asked for where the organization requires it", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  await owner.require({ requireEmailVerification: true });
  const page = await openAsDana(roster, await owner.invite("dana@example.net"));
  await page.getByText("Verify your address").waitFor();
  await page.getByRole("button", { name: "Sign in with a verified address" }).click();
  await join(page);
});

test("who comes from another provider than the organization's signs in through that, and is linked", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  const address = await owner.invite("dana@example.net");
  await owner.setUpSso({ provider: "example-id", name: "Example ID" });
  const page = await openAsDana(roster, address);
  await page.getByText("Sign in through Example ID").first().waitFor();
  const key = page.getByLabel("Key of the provider");
  expect(await key.inputValue()).toBe("");
  await key.fill("example-id");
  await page.getByRole("button", { name: "Sign in through Example ID" }).click();
  await join(page);
});

test("an invite that is not valid says so, and so does one that was used", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  const address = await owner.invite("dana@example.net");
  await join(await openAsDana(roster, address));

  const late = await openWindow(roster);
  await late.goto(address);
  await late.getByRole("heading", { name: "This invite is not valid" }).waitFor();
});

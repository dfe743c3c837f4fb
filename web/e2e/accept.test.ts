import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openWindow } from "./browser.ts";
import { ann, signInWith } from "./people.ts";
import { type Roster, startRoster } from "./roster.ts";

async function acmeId(roster: Roster, token: string): Promise<string> {
  const document = `{ organization(slug: "acme") { id } }`;
  const { organization } = await roster.run<{ organization: { id: string } }>(token, document);
  return organization.id;
}

/** The address of an invite to the organization of the demo data. */
async function invite(roster: Roster, options: object = {}): Promise<string> {
  const token = await roster.token({ ...ann, mfa: true, emailVerified: true });
  const input = { organizationId: await acmeId(roster, token) };
  if (Object.keys(options).length > 0) {
    await roster.run(
      token,
      `mutation ($input: SaveOrgOptionsInput!) { saveOrgOptions(input: $input) { userErrors { code message } } }`,
      { input: { ...input, ...options } },
    );
  }
  const { createInvite } = await roster.run<{ createInvite: { acceptUrl: string } }>(
    token,
    `mutation ($input: CreateInviteInput!) { createInvite(input: $input) { acceptUrl userErrors { code message } } }`,
    { input: { ...input, email: "dana@example.net", sendInvite: false } },
  );
  return createInvite.acceptUrl;
}

/** Lets only people in who sign in through a provider that the tests call Example ID. */
async function requireSso(roster: Roster): Promise<void> {
  const token = await roster.token({ ...ann, mfa: true });
  const organizationId = await acmeId(roster, token);
  await roster.run(
    token,
    `mutation ($input: SetAuthProviderInput!) { setAuthProvider(input: $input) { userErrors { code message } } }`,
    { input: { organizationId, provider: "example-id", name: "Example ID" } },
  );
}

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
  const page = await openAsDana(roster, await invite(roster));
  await page.getByText("Ann Bergström invites you to Acme as member.").waitFor();
  await join(page);
});

test("a second factor is asked for where the organization requires it", async () => {
  const roster = await startRoster();
  const page = await openAsDana(roster, await invite(roster, { require2FA: true }));
  await page.getByText("Set up a second factor").waitFor();
  expect(await page.getByRole("button", { name: "Join Acme" }).count()).toBe(0);
  await page.getByRole("button", { name: "Sign in with a second factor" }).click();
  await join(page);
});

test("a verified address is asked for where the organization requires it", async () => {
  const roster = await startRoster();
  const page = await openAsDana(roster, await invite(roster, { requireEmailVerification: true }));
  await page.getByText("Verify your address").waitFor();
  await page.getByRole("button", { name: "Sign in with a verified address" }).click();
  await join(page);
});

test("who comes from another provider than the organization's signs in through that, and is linked", async () => {
  const roster = await startRoster();
  const address = await invite(roster);
  await requireSso(roster);
  const page = await openAsDana(roster, address);
  await page.getByText("Sign in through Example ID").first().waitFor();
  await page.getByLabel("Key of the provider").fill("example-id");
  await page.getByRole("button", { name: "Sign in through Example ID" }).click();
  await join(page);
});

test("an invite that is not valid says so, and so does one that was used", async () => {
  const roster = await startRoster();
  const address = await invite(roster);
  await join(await openAsDana(roster, address));

  const late = await openWindow(roster);
  await late.goto(address);
  await late.getByRole("heading", { name: "This invite is not valid" }).waitFor();
});

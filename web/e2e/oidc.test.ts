import { expect, onTestFinished, test } from "vitest";
import { openWindow } from "./browser.ts";
import { asOwner } from "./organization.ts";
import { acme } from "./people.ts";
import { type Provider, startProvider } from "./provider.ts";
import { type Roster, startRoster } from "./roster.ts";

/** A server that sends people to a provider, which sends them back as Grace. */
async function startBoth(
  settings: Record<string, string> = {},
): Promise<{ roster: Roster; provider: Provider }> {
  const redirectUris: string[] = [];
  const provider = await startProvider({
    redirectUris,
    person: {
      sub: "grace",
      name: "Grace Lindqvist",
      email: "grace@example.net",
      email_verified: true,
      amr: ["otp"],
    },
  });
  onTestFinished(provider.close);
  const roster = await startRoster({
    settings: {
      ...settings,
      ROSTER_AUTH__ISSUERS: `[{issuer="${provider.issuer}",audience="roster",algorithms=["RS256"],discovery=true}]`,
      ROSTER_CONSOLE__OIDC__ISSUER: provider.issuer,
      ROSTER_CONSOLE__OIDC__CLIENT_ID: "roster-console",
    },
  });
  redirectUris.push(`${roster.url}/console/sign-in/callback`);
  return { roster, provider };
}

test("a provider signs people in with a code and PKCE, and they come to where they wanted to", async () => {
  const { roster, provider } = await startBoth();
  const page = await openWindow(roster, { origins: [provider.issuer] });
  await page.goto("/console/account");
  await page.getByRole("button", { name: "Sign in", exact: true }).first().click();

  await page.getByRole("region", { name: "You" }).getByText("Grace Lindqvist").waitFor();
  expect(page.url()).toBe(`${roster.url}/console/account`);
  expect(provider.requests[0]?.get("code_challenge_method")).toBe("S256");
  await page.reload();
  await page.getByRole("region", { name: "You" }).getByText("Grace Lindqvist").waitFor();
});

test("what the provider refuses is told, and can be tried again", async () => {
  const { roster, provider } = await startBoth();
  const page = await openWindow(roster, { origins: [provider.issuer] });
  provider.refusal = "access_denied";
  await page.goto("/console/account");
  await page.getByRole("button", { name: "Sign in", exact: true }).first().click();
  await page.getByRole("alert").waitFor();
  await page.getByRole("button", { name: /again/i }).click();
  await page.getByRole("region", { name: "You" }).getByText("Grace Lindqvist").waitFor();
});

test("an invite is accepted through the provider", async () => {
  // So that Ann's token can be made.
  const { roster, provider } = await startBoth({ ROSTER_AUTH__HS256_SECRET: "ann".repeat(20) });
  const address = await (await asOwner(roster)).invite("grace@example.net");
  const page = await openWindow(roster, { origins: [provider.issuer] });
  await page.goto(address);
  await page.getByRole("button", { name: "Sign in", exact: true }).first().click();
  await page.getByRole("button", { name: "Join Acme" }).click();
  await page.waitForURL(`**${acme("members")}`);
});

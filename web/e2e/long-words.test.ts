import type { Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import { rowOf } from "./drawer.ts";
import { asOwner } from "./organization.ts";
import { acme, visitWith } from "./people.ts";
import { startRoster } from "./roster.ts";

// Each page and dialog, on a phone and on a desk.
vi.setConfig({ testTimeout: 120_000 });

const word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbea";
const slug = "donaudampfschifffahrtselektrizitaetenhauptbetriebs";
const ann = { subject: "ann", name: word, email: "ann@acme.example", emailVerified: true, mfa: true };

/** What is wider than its place. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page");
    for (const element of document.querySelectorAll("[role=dialog], main, nav, [role=listbox]")) {
      if (element.scrollWidth > element.clientWidth + 1) found.push(element.outerHTML.slice(0, 80));
    }
    return found;
  });
}

test.each([
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ["desk", { viewport: { width: 1280, height: 800 }, isMobile: false }],
])("a long word without a break widens no page on a %s", async (_, options) => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  await owner.mutate("createTeam", { name: word, slug });
  await owner.mutate("createApiToken", {
    name: word,
    scopes: ["org:read", "member:read", "team:read", "member:invite"],
  });
  await owner.mutate("createWebhook", { description: word, url: `https://${slug}.example/${slug}` });
  await owner.invite(`${slug}@example.com`);
  await owner.require({ name: word });

  const page = await visitWith(roster, ann, acme("members"), options);
  const wide: Record<string, string[]> = {};
  const look = async (name: string) => {
    await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
    wide[name] = await tooWide(page);
  };
  await page.getByRole("row").nth(2).waitFor();
  await look("members");
  await rowOf(page, "Cara Rossi").click();
  await page.getByRole("dialog").waitFor();
  await look("drawer");

  for (const at of [
    "invites",
    "teams",
    `teams/${slug}`,
    "settings",
    "audit-log",
    "api-tokens",
    "sso",
    "webhooks",
  ]) {
    await page.goto(acme(at));
    await page.getByRole("heading", { level: 1 }).waitFor();
    await look(at);
  }
  await page.goto("/console/account");
  await page.getByRole("main").getByText(word).first().waitFor();
  await look("account");

  await page.goto(acme(`members?team=${slug}`));
  await page.getByRole("button", { name: `Without: Team: ${slug}` }).waitFor();
  await look("filter");

  await page.goto(acme("api-tokens"));
  await page.getByRole("button", { name: `Revoke ${word}` }).click();
  await page.getByRole("dialog").waitFor();
  await look("revoke token");

  await page.goto(acme(`teams/${slug}`));
  await page.getByRole("button", { name: "More about this team" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").waitFor();
  await look("delete team");

  await page.goto(acme("invites?new"));
  await page.getByLabel("Addresses", { exact: true }).fill(`${slug}@example.com,`);
  await look("invite");
  await page.keyboard.press("Escape");

  await page.goto(acme("members"));
  if (options.isMobile) await page.getByRole("button", { name: "Navigation" }).click();
  await page.getByRole("button", { name: word, exact: true }).first().click();
  await page.getByRole("option").first().waitFor();
  await look("switcher");

  expect(Object.entries(wide).filter(([, found]) => found.length > 0)).toEqual([]);
});

test("a long name leaves room for what is beside it", async () => {
  const roster = await startRoster();
  const page = await visitWith(roster, ann, acme("members"), { expected: /WebSocket|ERR_/ });
  await page.getByRole("status").getByText("Live").waitFor();
  await roster.stop();
  const state = page.getByRole("status").getByText("Reconnecting");
  await state.waitFor();
  const [words, side] = await Promise.all([state.boundingBox(), page.getByRole("main").boundingBox()]);
  expect((words?.x ?? 0) + (words?.width ?? 0)).toBeLessThan(side?.x ?? 0);
});

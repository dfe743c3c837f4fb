import type { Page } from "playwright-core";
import { openWindow, type VisitOptions } from "./browser.ts";
import type { Claims, Roster } from "./roster.ts";

/** Owner of the organization `acme`. */
export const ann = { subject: "ann", name: "Ann Bergström" };
/** Manager of `acme`. */
export const bob = { subject: "bob", name: "Bob Oyelaran" };
/** Plain member of `acme`. */
export const cara = { subject: "cara", name: "Cara Rossi" };

/** Where a page of the organization of the demo data is. */
export function acme(page: string): string {
  return `/console/organizations/acme/${page}`;
}

/** Signs in as somebody of the demo data on the page that asks for it. */
export async function signInAs(page: Page, { name }: { name: string }): Promise<void> {
  await page.getByRole("button", { name }).click();
}

/** Signs in with a token that says whatever the test needs. */
export async function signInWith(page: Page, token: string): Promise<void> {
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Use this token" }).click();
}

/** Opens a window at an address, as somebody of the demo data. */
export async function visit(
  roster: Roster,
  person: { name: string },
  path: string,
  options?: VisitOptions,
): Promise<Page> {
  const page = await openWindow(roster, options);
  await page.goto(path);
  await signInAs(page, person);
  return page;
}

/** Opens a window at an address, as anybody. */
export async function visitWith(
  roster: Roster,
  claims: Claims,
  path: string,
  options?: VisitOptions,
): Promise<Page> {
  const page = await openWindow(roster, options);
  await page.goto(path);
  await signInWith(page, await roster.token(claims));
  return page;
}

import type { Page } from "playwright-core";
import { acme } from "./people.ts";

/** Something to look at: a page, or a dialog on it. */
export interface Sight {
  name: string;
  open: (page: Page) => Promise<unknown>;
}

const titled = (page: Page, title: string) => page.getByRole("heading", { level: 1, name: title }).waitFor();

/** A page of the organization of the demo data, once `text` is on it. */
function pageOf(name: string, path: string, title: string, text: string): Sight {
  const open = async (page: Page) => {
    await page.goto(acme(path));
    await titled(page, title);
    await page.getByRole("main").getByText(text).first().waitFor();
  };
  return { name, open };
}

/** A dialog that a button of a page opens. */
function dialogOf(name: string, path: string, button: string): Sight {
  const open = async (page: Page) => {
    await page.goto(acme(path));
    await page.getByRole("main").getByRole("button", { name: button, exact: true }).first().click();
    await page.getByRole("dialog").waitFor();
  };
  return { name, open };
}

/** All pages for whoever is signed in. Ann, who owns the organization, sees all of them. */
export const pages: readonly Sight[] = [
  pageOf("members", "members", "Members", "Cara Rossi"),
  {
    name: "member",
    open: async (page) => {
      await page.goto(acme("members"));
      await page.getByRole("row", { name: /Cara Rossi/ }).click();
      await page.getByRole("dialog", { name: "Member" }).getByText("Role and teams").waitFor();
    },
  },
  pageOf("invites", "invites", "Invites", "itai.adler@example.com"),
  pageOf("invite-requests", "invites?tab=requests", "Invites", "jiri.nowak@example.com"),
  dialogOf("invite-people", "invites", "Invite people"),
  pageOf("teams", "teams", "Teams", "Backend"),
  pageOf("team", "teams/design", "Design", "Cara Rossi"),
  pageOf("settings", "settings", "Settings", "Enhanced privacy"),
  pageOf("audit-log", "audit-log", "Audit log", "accepted the membership invite"),
  pageOf("api-tokens", "api-tokens", "API tokens", "There are no API tokens yet"),
  pageOf("sso", "sso", "Single sign-on", "Single sign-on is not set up"),
  pageOf("webhooks", "webhooks", "Webhooks", "There are no webhooks yet"),
  {
    name: "account",
    open: async (page) => {
      await page.goto("/console/account");
      await page.getByText("Globex Logistics").waitFor();
    },
  },
];

/** What else opens on them. */
export const dialogs: readonly Sight[] = [
  dialogOf("members-filters", "members", "Filters"),
  dialogOf("create-team", "teams", "Create a team"),
  dialogOf("create-api-token", "api-tokens", "Create a token"),
  dialogOf("set-up-sso", "sso", "Set up"),
  dialogOf("create-webhook", "webhooks", "Create a webhook"),
];

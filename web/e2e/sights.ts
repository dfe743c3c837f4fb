import type { Page } from "playwright-core";
import { acme } from "./people.ts";

/** Something to look at: a page, or a dialog on it. */
export interface Sight {
  name: string;
  open: (page: Page) => Promise<unknown>;
}

const titled = (page: Page, title: string) => page.getByRole("heading", { level: 1, name: title }).waitFor();

/** A page of the organization of the demo data, once `text` is on it. */
function pageOf(name: string, title: string, text: string): Sight {
  const open = async (page: Page) => {
    await page.goto(acme(name));
    await titled(page, title);
    await page.getByRole("main").getByText(text).first().waitFor();
  };
  return { name: name.replace("/", "-"), open };
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

/** All pages for whoever is signed in, and their main dialogs. Ann, who owns the organization, sees all of them. */
export const sights: readonly Sight[] = [
  pageOf("members", "Members", "Cara Rossi"),
  {
    name: "member",
    open: async (page) => {
      await page.goto(acme("members"));
      await page.getByRole("row", { name: /Cara Rossi/ }).click();
      await page.getByRole("dialog", { name: "Member" }).getByText("Role and teams").waitFor();
    },
  },
  dialogOf("members-filters", "members", "Filters"),
  pageOf("invites", "Invites", "itai.adler@example.com"),
  dialogOf("invite-people", "invites", "Invite people"),
  pageOf("invites?tab=requests", "Invites", "jiri.nowak@example.com"),
  pageOf("teams", "Teams", "Backend"),
  dialogOf("create-team", "teams", "Create a team"),
  pageOf("teams/design", "Design", "Cara Rossi"),
  pageOf("settings", "Settings", "Enhanced privacy"),
  pageOf("audit-log", "Audit log", "accepted the membership invite"),
  pageOf("api-tokens", "API tokens", "There are no API tokens yet"),
  dialogOf("create-api-token", "api-tokens", "Create a token"),
  pageOf("sso", "Single sign-on", "Single sign-on is not set up"),
  pageOf("webhooks", "Webhooks", "There are no webhooks yet"),
  dialogOf("create-webhook", "webhooks", "Create a webhook"),
  {
    name: "account",
    open: async (page) => {
      await page.goto("/console/account");
      await page.getByText("Globex Logistics").waitFor();
    },
  },
];

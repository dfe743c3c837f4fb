import { expect, test } from "vitest";
import { openWindow } from "./browser.ts";
import { chooseRole, drawer, rowOf } from "./drawer.ts";
import { isFocused, tabTo } from "./keyboard.ts";
import { asOwner } from "./organization.ts";
import { acme, ann, bob, cara, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

test("who signs in comes to where they wanted to, and back after signing out", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members?q=cara"));
  await rowOf(page, cara.name).waitFor();
  expect(page.url()).toBe(`${roster.url}${acme("members?q=cara")}`);
  expect(await page.getByRole("row").count()).toBe(2);

  await page.getByRole("button", { name: ann.name }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: cara.name }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  expect(await page.evaluate(() => Object.values({ ...localStorage }).join())).not.toContain("ey");
});

test("another window shows at once who has got which role", async () => {
  const roster = await startRoster();
  const [mine, theirs] = await Promise.all([
    visit(roster, ann, acme("members?q=cara")),
    visit(roster, bob, acme("members?q=cara")),
  ]);
  await theirs.getByRole("status").getByText("Live").waitFor();
  await rowOf(theirs, "Cara Rossi .* Member ").waitFor();

  await rowOf(mine, cara.name).click();
  await chooseRole(mine, "Manager");
  await drawer(mine).getByRole("button", { name: "Save" }).click();
  await mine.getByText("Cara Rossi has been changed.").waitFor();

  await rowOf(theirs, "Cara Rossi .* Manager ").waitFor();
});

test("search and filters narrow the list down, and the address remembers them", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"));
  await page.getByRole("searchbox", { name: "Search members" }).fill("role:manager");
  await page.getByRole("heading", { name: /^Members\s*14$/ }).waitFor();

  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("dialog", { name: "Filters" }).getByRole("button", { name: /Place/ }).click();
  await page.getByRole("option", { name: "Pending" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: /^Members\s*4$/ }).waitFor();

  await page.reload();
  await page.getByRole("heading", { name: /^Members\s*4$/ }).waitFor();
  await page.getByRole("button", { name: "Without: Pending" }).click();
  await page.getByRole("heading", { name: /^Members\s*14$/ }).waitFor();
});

test("rows of the last search are shown as such until those of the next are there", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"));
  await rowOf(page, cara.name).waitFor();
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/graphql$/, async (route) => {
    if (route.request().postDataJSON().operationName === "Members") await held;
    await route.fallback();
  });
  await page.getByRole("searchbox", { name: "Search members" }).fill("cara");
  await page.getByRole("progressbar", { name: "Looking" }).waitFor();
  expect(await page.locator("[aria-busy=true]").getByRole("row").count()).toBeGreaterThan(2);
  answer();
  await page.getByRole("progressbar", { name: "Looking" }).waitFor({ state: "detached" });
  expect(await page.getByRole("row").count()).toBe(2);
});

test("a change that is refused is taken back", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  const page = await visit(roster, bob, acme("members?q=cara"));
  await rowOf(page, cara.name).click();
  await chooseRole(page, "Manager");

  // Meanwhile Bob becomes somebody who can give no role; what he asks for arrives after that.
  let letThrough = () => {};
  const isDemoted = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route("**/graphql", async (route) => {
    if (route.request().postData()?.includes("mutation UpdateMemberRoles")) await isDemoted;
    await route.continue();
  });
  await drawer(page).getByRole("button", { name: "Save" }).click();
  const row = page.locator('[role="row"]', { hasText: cara.name });
  await expect.poll(() => row.textContent()).toContain("Manager");

  await owner.changeRole(bob.name, "member");
  letThrough();
  await expect.poll(() => row.textContent()).not.toContain("Manager");
  await drawer(page).getByRole("alert").getByText("You are not allowed to do this.").waitFor();
});

test("a plain member sees no control that is not theirs", async () => {
  const roster = await startRoster();
  const page = await visit(roster, cara, acme("members?q=bob"));
  await rowOf(page, bob.name).click();
  await drawer(page).getByText("Manager").waitFor();
  expect(await drawer(page).getByRole("combobox").count()).toBe(0);
  expect(await drawer(page).getByRole("button").allInnerTexts()).toEqual(["", "Copy address"]);
  await page.keyboard.press("Escape");
  const pages = await page.getByRole("navigation", { name: "Pages" }).getByRole("link").allInnerTexts();
  expect(pages).toEqual(["Members", "Invites", "Teams", "Settings"]);
});

test("the keyboard is enough to sign in, open a member and change the role", async () => {
  const roster = await startRoster();
  const page = await openWindow(roster);
  const { keyboard } = page;
  await page.goto(acme("members"));

  await tabTo(page.getByRole("button", { name: ann.name }));
  await keyboard.press("Enter");
  await rowOf(page, cara.name).waitFor();

  await tabTo(page.getByRole("row").nth(1));
  await keyboard.press("ArrowDown");
  await keyboard.press("ArrowDown");
  expect(await isFocused(rowOf(page, cara.name))).toBe(true);
  await keyboard.press("Enter");

  await tabTo(drawer(page).getByRole("button", { name: /Role$/ }));
  await keyboard.press("Space");
  await page.getByRole("option", { name: /^Manager\b/ }).waitFor();
  await keyboard.type("Man");
  await keyboard.press("Enter");
  await tabTo(drawer(page).getByRole("button", { name: "Save" }));
  await keyboard.press("Enter");
  await page.getByText("Cara Rossi has been changed.").waitFor();

  await keyboard.press("Escape");
  await drawer(page).waitFor({ state: "hidden" });
  await expect.poll(() => isFocused(rowOf(page, "Cara Rossi .* Manager "))).toBe(true);
});

test("who cannot reach the server is told so, and can try again", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("members"), { expected: /ERR_INTERNET_DISCONNECTED/ });
  await page.getByRole("link", { name: "Cara Rossi" }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole("searchbox", { name: "Search members" }).fill("cara");
  await page.getByRole("alert").getByText("Roster cannot be reached").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await rowOf(page, cara.name).waitFor();
});

import { expect, test } from "vitest";
import { findingsOf } from "./axe.ts";
import { openWindow } from "./browser.ts";
import { asOwner } from "./organization.ts";
import { acme, ann, bob, cara, signInWith, visit, visitWith } from "./people.ts";
import { startRoster } from "./roster.ts";

test("who lacks a second factor is told what to do, and gets in with one", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  await owner.require({ require2FA: true });
  const page = await visitWith(roster, { ...cara, mfa: false }, acme("members"));
  await page.getByRole("heading", { level: 1, name: "Acme" }).waitFor();
  await page.getByText("in the security settings of your account").waitFor();
  await page.getByRole("button", { name: "Sign in with a second factor" }).click();
  await page.getByRole("heading", { level: 1, name: /^Members/ }).waitFor();
});

test("who is removed while they look is told so, and led elsewhere", async () => {
  const roster = await startRoster();
  const page = await visit(roster, bob, acme("members"));
  await page.getByRole("status").getByText("Live").waitFor();

  const token = await roster.token({ ...ann, mfa: true });
  const { organization } = await roster.run<{ organization: { members: { nodes: { id: string }[] } } }>(
    token,
    `{ organization(slug: "acme") { members(first: 1, filter: { query: "bob" }) { nodes { id } } } }`,
  );
  await roster.run(
    token,
    "mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { userErrors { code message } } }",
    { input: { memberId: organization.members.nodes[0]?.id } },
  );
  await page.getByRole("heading", { level: 1, name: "You are no longer a member of Acme" }).waitFor();
  await page.getByRole("link", { name: "Go to your other organizations" }).click();
  await page.waitForURL(/\/console\/(?!organizations\/acme)/);
});

test("what is no token is refused at its field, and so is what the server refuses", async () => {
  const roster = await startRoster();
  const page = await openWindow(roster, { expected: /401/ });
  await page.goto(acme("members"));
  for (const wrong of ["abc", "мой.т.окен"]) {
    await signInWith(page, wrong);
    await page.getByText("This is no token").waitFor();
  }
  await signInWith(page, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.c2ln");
  await page.getByText("Roster does not accept this token.").waitFor();
  expect(await page.getByLabel("Access token").getAttribute("aria-invalid")).toBe("true");
});

test("each page without navigation has a heading and a main part", async () => {
  const roster = await startRoster();
  const page = await visit(roster, cara, acme("members"));
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
  const titles = {
    "/console/nowhere": "There is no such page",
    "/console/organizations/nowhere/members": "There is no such organization",
    "/invite/nothing": "This invite is not valid",
  };
  for (const [path, title] of Object.entries(titles)) {
    await page.goto(path);
    await page.getByRole("main").getByRole("heading", { level: 1, name: title }).waitFor();
  }
  const stranger = { subject: "zoe", name: "Zoe", email: "zoe@example.com", emailVerified: true };
  const home = await visitWith(roster, stranger, "/console/");
  await home
    .getByRole("main")
    .getByRole("heading", { level: 1, name: /no organization yet/ })
    .waitFor();
});

test("that an organization will be deleted is said on all of its pages", async () => {
  const roster = await startRoster();
  const owner = await asOwner(roster);
  await owner.mutate("deleteOrganization", { confirmSlug: "acme" });
  const page = await visit(roster, ann, acme("members"));
  await page.getByText("Acme will be deleted").waitFor();
  await page.getByRole("link", { name: "Settings" }).last().click();
  await page.getByRole("button", { name: "Restore" }).waitFor();
  expect(await page.getByText("Acme will be deleted").count()).toBe(1);
});

test("what is seen of an option is what it is called", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("invites?new"));
  await page.getByRole("dialog").getByRole("button", { name: /Role/ }).click();
  await page.getByRole("option", { name: /^Manager / }).waitFor();
  expect(await findingsOf(page, "label-content-name-mismatch")).toEqual([]);
});

test("a choice of many opens only when it is used", async () => {
  const roster = await startRoster();
  const page = await visit(roster, ann, acme("invites?new"));
  const teams = page.getByRole("combobox", { name: "Teams" });
  await teams.focus();
  expect(await teams.getAttribute("aria-expanded")).toBe("false");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option").first().waitFor();
});

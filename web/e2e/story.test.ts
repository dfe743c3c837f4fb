import { expect, test } from "vitest";
import { openWindow } from "./browser.ts";
import { chooseRole, drawer, rowOf } from "./drawer.ts";
import { followInvite } from "./mailbox.ts";
import { acme, ann, bob, visit } from "./people.ts";
import { startRoster } from "./roster.ts";

const addresses = ["dana@example.net", "elif@example.net", "femi@example.net"];

test("three are invited, one joins and gets a role, the organization gets a face, and all of it is in the log", async () => {
  const roster = await startRoster();

  // Ann signs in, and invites three people.
  const owner = await visit(roster, ann, acme("invites"));
  await owner.getByRole("button", { name: "Invite people" }).click();
  const inviting = owner.getByRole("dialog", { name: "Invite people" });
  await inviting.getByRole("textbox", { name: "Addresses" }).fill(`${addresses.join(", ")} `);
  await inviting.getByRole("button", { name: "Invite 3 people" }).click();
  await inviting.getByRole("heading", { name: "3 addresses invited" }).waitFor();
  await inviting.getByRole("button", { name: "Done" }).click();
  for (const address of addresses) await rowOf(owner, address).waitFor();

  // Bob looks on: the three are in his list, and wait.
  const onlooker = await visit(roster, bob, acme("members?q=example.net"));
  await rowOf(onlooker, "dana@example.net .* Pending").waitFor();
  await onlooker.getByRole("status").getByText("Live").waitFor();

  // Dana follows the mail, and accepts.
  const newcomer = await followInvite(await openWindow(roster), "dana@example.net");
  await newcomer.getByText("Ann Bergström invites you to Acme as member.").waitFor();
  await newcomer.getByRole("textbox", { name: "Name" }).fill("Dana Kim");
  await newcomer.getByRole("textbox", { name: "Address" }).fill("dana@example.net");
  await newcomer.getByRole("button", { name: "Sign in", exact: true }).click();
  await newcomer.getByRole("button", { name: "Join Acme" }).click();
  await newcomer.getByText("Welcome to Acme.").waitFor();
  await rowOf(onlooker, "Dana Kim .* Member ").waitFor();

  // Ann makes her a manager; Bob sees it, and Dana finds the pages of managers.
  await owner.goto(acme("members?q=dana"));
  await rowOf(owner, "Dana Kim").click();
  await chooseRole(owner, "Manager");
  await drawer(owner).getByRole("button", { name: "Save" }).click();
  await owner.getByText("Dana Kim has been changed.").waitFor();
  await rowOf(onlooker, "Dana Kim .* Manager ").waitFor();
  await newcomer.getByRole("link", { name: "Audit log" }).waitFor();

  // The settings change, and the picture: a part of what is on the window.
  await owner.goto(acme("settings"));
  const membership = owner.getByRole("region", { name: "Membership" });
  await membership.getByText("Allow shared issues", { exact: true }).click();
  await membership.getByRole("button", { name: "Save" }).click();
  await membership.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
  const choosing = owner.waitForEvent("filechooser");
  await owner.getByRole("button", { name: "Upload a picture…" }).click();
  const picture = { name: "window.png", mimeType: "image/png", buffer: await owner.screenshot() };
  await (await choosing).setFiles(picture);
  await owner.getByRole("button", { name: "Save the picture" }).click();
  await owner.getByRole("dialog").waitFor({ state: "detached" });
  const faces = onlooker.locator('img[src*="/organization-avatar/"]');
  await expect.poll(() => faces.count()).toBeGreaterThan(0);

  // The audit log tells of it.
  await owner.goto(acme("audit-log"));
  for (const deed of [/Ann .* invited member elif@example.net/, /Dana .* accepted/, /Ann .* edited/])
    await owner.getByRole("row", { name: deed }).first().waitFor();
});

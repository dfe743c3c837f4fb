import type { Locator } from "playwright-core";

/** More than any page has. */
const stopsAtMost = 100;

/** Whether keys go to this. */
export function isFocused(locator: Locator): Promise<boolean> {
  return locator.evaluateAll((elements) => elements.some((element) => element === document.activeElement));
}

/** Presses Tab until keys go to this, as who has no mouse does. */
export async function tabTo(locator: Locator): Promise<void> {
  await locator.waitFor();
  for (let stops = 0; stops < stopsAtMost; stops++) {
    if (await isFocused(locator)) return;
    await locator.page().keyboard.press("Tab");
  }
  throw new Error(`Tab does not come to ${locator}.`);
}

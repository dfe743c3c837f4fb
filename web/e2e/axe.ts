import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** What axe finds wrong with a page: the rule, how bad it is, and where. Nothing is expected. */
export async function findingsOf(page: Page): Promise<string[]> {
  // Popovers are outside of landmarks, with a hidden button to close them: react-aria has to put them there.
  const { violations } = await new AxeBuilder({ page }).disableRules("region").analyze();
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${impact} ${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}

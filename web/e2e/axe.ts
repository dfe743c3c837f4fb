import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** What axe finds wrong with a page: the rule, how bad it is, and where. With a rule, by that alone. */
export async function findingsOf(page: Page, rule?: string): Promise<string[]> {
  // Popovers are outside of landmarks, with a hidden button to close them: react-aria has to put them there.
  const axe = new AxeBuilder({ page }).setLegacyMode().disableRules("region");
  if (rule) axe.withRules(rule);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${impact} ${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}

/** What axe finds on a page. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** What it calls serious or critical, each with the first places where it is; by all of its rules, or by those that are named. */
export async function findGrave(page: Page, ...rules: string[]) {
  // No page has frames: what is found in one needs no second, blank page to be put together in.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode();
  const { violations } = await (rules.length > 0 ? axe.withRules(rules) : axe).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, at: nodes.slice(0, 5).map(({ html, any }) => [html, any[0]?.message]) }));
}

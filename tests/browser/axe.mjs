// What axe finds on a page, by the rules of WCAG.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

export async function noViolations(page, name) {
  const result = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(result.violations.map((one) => `${name}: ${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
}

// Findings of axe on a page, by the rules of WCAG.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

// A frame that may run no script cannot be looked at from here; it is taken out for that time. The
// public pages that such frames show are looked at by themselves.
const takeOutFrames = () => {
  window.framesApart = [...document.querySelectorAll("iframe[sandbox]")].map((frame) => {
    const place = document.createComment("");
    frame.replaceWith(place);
    return [frame, place];
  });
};
const putFramesBack = () => window.framesApart.forEach(([frame, place]) => place.replaceWith(frame));

export async function noViolations(page, name) {
  await page.evaluate(takeOutFrames);
  const result = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  await page.evaluate(putFramesBack);
  expect(result.violations.map((one) => `${name}: ${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
}

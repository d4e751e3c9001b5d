// Violations of a page's Content-Security-Policy, and whether planted script has run.
import { expect } from "@playwright/test";

// From now on, for a page or all pages of a context.
export const watchPolicy = (pages) => pages.addInitScript(() => {
  document.addEventListener("securitypolicyviolation", (event) => {
    (window.violations ??= []).push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
});

// On the page that is open: each tells when it is left.
export async function policyHeld(page, where) {
  const found = await page.evaluate(() => ({ planted: window.planted ?? null, violations: window.violations ?? [] }));
  expect(found, where).toEqual({ planted: null, violations: [] });
}

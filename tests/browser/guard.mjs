// Playwright's `test`, under which no test passes while the app is dead: a panic, an error of a page,
// an error in its console, a request that failed or an answer of refusal, a broken policy. A test
// names what it expects of these with `guard.expects`.
import { expect, test as base } from "@playwright/test";
import { stopped } from "./stopped.mjs";

// Contexts that a test has taken off the network: their requests may fail.
const offline = new WeakSet();

// Every load of a page begins signed out on a new device, and ends requests of the page before.
const ORDINARY = [
  /^request failed: .* net::ERR_ABORTED/,
  /^answer: 401 GET \/api\/session$/,
];

class Guard {
  constructor() {
    this.found = [];
    this.allowed = [...ORDINARY];
    this.contexts = new Set();
  }

  // Allows a fault that this test brings about on purpose; a pattern of the line that would be printed.
  expects(...patterns) {
    this.allowed.push(...patterns);
  }

  note(line) {
    if (!this.allowed.some((pattern) => pattern.test(line))) this.found.push(line);
  }

  watch(context) {
    if (this.contexts.has(context)) return;
    this.contexts.add(context);
    const setOffline = context.setOffline.bind(context);
    context.setOffline = (away) => {
      if (away) offline.add(context);
      return setOffline(away);
    };
    context.addInitScript(tellBrokenPolicy);
    const unreachable = (address) => offline.has(context) || [...stopped].some((one) => address.startsWith(one) || address.startsWith(one.replace("http", "ws")));
    context.on("weberror", (failure) => this.note(`page error: ${failure.error()}`));
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      const [text, from] = [message.text(), message.location().url];
      // Failed requests and refusals are told below, with their method and status.
      if (/^Failed to load resource/.test(text)) return;
      const socket = /^WebSocket connection to '([^']+)' failed/.exec(text);
      if (socket && unreachable(socket[1])) return;
      this.note(`console: ${text} (${from})`);
    });
    context.on("requestfailed", (request) => {
      if (unreachable(request.url())) return;
      this.note(`request failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`);
    });
    context.on("response", (response) => {
      if (response.status() < 400) return;
      this.note(`answer: ${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`);
    });
  }

  // Pages that are still open show no panic.
  async end() {
    for (const context of this.contexts) {
      for (const page of context.pages()) {
        const shown = await page.locator("#panic:not([hidden])").count().catch(() => 0);
        if (shown > 0) this.found.push(`panic: ${await page.locator("#panic").innerText()}`);
      }
    }
    expect(this.found, "what went wrong in the browser and was not expected").toEqual([]);
  }
}

function tellBrokenPolicy() {
  document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy broken: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
}

export const test = base.extend({
  guard: [async ({ browser }, use) => {
    const guard = new Guard();
    const newContext = browser.newContext;
    browser.newContext = async function newWatched(...options) {
      const context = await newContext.apply(browser, options);
      guard.watch(context);
      return context;
    };
    await use(guard);
    browser.newContext = newContext;
    await guard.end();
    stopped.clear();
  }, { auto: true }],
  // Comes after the guard and is closed before it looks: it looks at pages itself.
  context: async ({ context, guard }, use) => {
    guard.watch(context);
    await use(context);
    const panics = await Promise.all(context.pages().map((page) => page.locator("#panic:not([hidden])").count().catch(() => 0)));
    expect(panics.filter((shown) => shown > 0), "pages that show a panic").toEqual([]);
  },
});

export { expect };

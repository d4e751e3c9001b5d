// Walks through the app and activates each control it finds with harmless input. After each press the
// app must be alive, must not have stood still for two seconds, and must have answered with something.
import { go } from "./go.mjs";

// Controls that are not pressed, each with its reason.
const NEVER = [
  [/^退出/, "it ends the walk: this device or another session of the account is signed out"],
  [/^结束$|^注销|^停用设备|^结束会话/, "it ends this device or its session"],
  [/^锁定/, "it ends the walk: the device asks for its PIN"],
  [/^离任/, "it may take away the account that walks"],
  [/^重设密码/, "it makes a link that ends the account's password"],
  [/通行密钥|统一身份/, "the browser or the provider asks outside of the page"],
  [/^有新版本/, "it opens the page anew"],
];

// Files that are not what their place asks for: the app must say so, and must not die of them.
const POINT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const FILES = {
  ".txt": ["一张.txt", "一、目标任务\n\n（一）开展联合教研。（责任单位：市教育局）\n"],
  ".csv": ["一张.csv", "编号,名称\n,一行\n"],
  ".bundle": ["空.bundle", "x"],
  ".toml": ["空.toml", "x"],
  "image": ["点.png", Buffer.from(POINT, "base64")],
};

const listed = (list, name) => list.find(([pattern]) => pattern.test(name));

// An address without the names of what it shows: pages of one kind have the same controls.
const kindOf = (pathname) => pathname.replace(/\b([bit])_[a-z0-9]+/g, "$1");

// Runs in each page from its start: the longest time that nothing else could run, and what answered.
function watchPage() {
  let last = performance.now();
  window.crawl = { stood: 0, answers: 0, pressed: null };
  const answers = () => { window.crawl.answers += 1; };
  setInterval(() => {
    const now = performance.now();
    window.crawl.stood = Math.max(window.crawl.stood, now - last);
    last = now;
  }, 50);
  window.print = answers;
  // The browser says itself that a field must be filled in; the screen is filled; a place is scrolled to.
  for (const event of ["invalid", "fullscreenchange", "scroll"]) document.addEventListener(event, answers, true);
  document.addEventListener("focusin", ({ target }) => { if (!target.closest("[data-crawl]")) answers(); });
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      // The badge changes by itself.
      const inside = ({ target }) => target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      const seen = changes.filter((change) => !inside(change)?.closest(".badge__button, .badge > .hidden") && change.attributeName !== "data-crawl");
      window.crawl.answers += seen.length;
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

// The next control that was not pressed yet, marked in the page: those that open and choose come first.
function nextControl({ pressed, most, place }) {
  const name = (control) => {
    const label = control.getAttribute("aria-label") ?? control.closest("label")?.querySelector("span")?.textContent;
    return (label || control.textContent || control.placeholder || control.dataset.testid || control.tagName).trim().replace(/\s+/g, " ").slice(0, 40);
  };
  const order = { SUMMARY: 0, SELECT: 1, TEXTAREA: 2, INPUT: 2, BUTTON: 3, A: 4 };
  // A question keeps everything else from being pressed.
  const question = document.querySelector("dialog[open]");
  const all = [...(question ?? document).querySelectorAll("summary, select, textarea, input, button, a[href]")].filter((control) => {
    if (control.closest("[inert], #panic") || control.disabled || control.readOnly) return false;
    if (control.type === "file") return control.closest("label")?.getClientRects().length > 0;
    return control.getClientRects().length > 0 && !control.classList.contains("hidden");
  });
  all.sort((one, other) => order[one.tagName] - order[other.tagName]);
  document.querySelector("[data-crawl]")?.removeAttribute("data-crawl");
  for (const control of all) {
    // Rows of a list have the same controls; titles and numbers differ, and are no other control.
    const list = control.closest("li, tr, [data-testid=item]") !== null;
    const kind = control.tagName === "A" || list ? `${control.className}|${control.closest("[class]:not([class=''])")?.className}` : "";
    const words = control.tagName === "A" && list ? "" : name(control).replace(/\d+/g, "0").replace(/：.*/, "");
    const key = `${control.closest(".top, .rail") ? "frame" : place}|${control.tagName}|${control.type ?? ""}|${words}|${kind}`;
    if ((pressed[key] ?? 0) >= most) continue;
    control.setAttribute("data-crawl", "");
    const href = control.getAttribute("href");
    return { key, name: name(control), tag: control.tagName, type: control.type ?? "", href, accept: control.getAttribute("accept") ?? "" };
  }
  return question ? "leave the question" : null;
}

async function activate(page, control, found) {
  const { tag, type } = found;
  if (tag === "SELECT") {
    const values = await control.locator("option:not([disabled])").evaluateAll((all) => all.map((one) => one.value));
    const now = await control.inputValue();
    const other = values.find((value) => value !== now);
    if (other !== undefined) await control.selectOption(other, { timeout: 3000 });
    // The walk reads Chinese names.
    if (other !== undefined && values.includes("zh-Hant")) await control.selectOption("zh-CN", { timeout: 3000 });
    return false;
  }
  if (type === "file") {
    const kind = Object.keys(FILES).find((ending) => found.accept.includes(ending)) ?? ".txt";
    const [name, content] = FILES[kind];
    await control.setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });
    return true;
  }
  if (tag === "TEXTAREA" || (tag === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(type))) {
    const input = { number: "3", date: "2027-06-01", month: "2027-06", time: "09:00", range: null, color: null }[type] ?? "走查";
    if (type !== "range" && type !== "color") await control.fill(input, { timeout: 3000 });
    return false;
  }
  await control.click({ timeout: 1500 });
  return tag === "BUTTON" || tag === "SUMMARY";
}

// One role on one screen, on or off the network.
export class Walk {
  constructor(page, { most = 1, pressesPerPage = 60 } = {}) {
    Object.assign(this, { page, most, pressesPerPage, pages: 0, presses: 0, silent: 0, slow: 0, longest: 0, faults: [], pressed: {}, left: new Map() });
  }

  static async begin(page, options) {
    const walk = new Walk(page, options);
    await page.context().addInitScript(watchPage);
    page.on("download", () => { walk.came = true; });
    page.on("dialog", (dialog) => { walk.came = true; dialog.dismiss().catch(() => {}); });
    page.on("pageerror", (error) => walk.faults.push(`page error at ${walk.at}: ${error}`));
    return walk;
  }

  // Goes to an address, or loads it anew where the app is dead.
  async open(address, anew = false) {
    this.at = new URL(address).pathname;
    if (anew) await this.page.goto(address);
    else await go(this.page, address);
    await this.page.locator("main").first().waitFor();
    await this.page.waitForTimeout(100);
    await this.alive("opened");
  }

  async alive(what) {
    if (await this.page.locator("#panic:not([hidden])").count() > 0) {
      this.faults.push(`died at ${this.at}: ${what}: ${await this.page.locator("#panic-report").textContent()}`);
      return false;
    }
    const stood = await this.page.evaluate(() => { const { stood } = window.crawl; window.crawl.stood = 0; return stood; });
    this.longest = Math.max(this.longest, stood);
    if (stood > 2000) {
      this.slow += 1;
      this.faults.push(`stood still for ${Math.round(stood)} ms at ${this.at}: ${what}`);
    }
    return true;
  }

  // Presses what is on one page, which is opened again when a press has led away or has ended it.
  async walkPage(address) {
    await this.open(address);
    this.pages += 1;
    for (let count = 0; count < this.pressesPerPage; count += 1) {
      const place = kindOf(new URL(address).pathname);
      const found = await this.page.evaluate(nextControl, { pressed: this.pressed, most: this.most, place });
      if (!found) return;
      if (found === "leave the question") {
        await this.page.keyboard.press("Escape");
        await this.page.locator("dialog[open]").waitFor({ state: "detached", timeout: 3000 });
        continue;
      }
      this.pressed[found.key] = (this.pressed[found.key] ?? 0) + 1;
      const never = listed(NEVER, found.name);
      const away = found.tag === "A" && !/^\/(?!api|p\/|join)/.test(found.href);
      if (never || away) {
        this.left.set(found.name, never?.[1] ?? "it leads out of the app");
        continue;
      }
      await this.press(found, address);
    }
  }

  async press(found, address) {
    const before = this.page.url();
    const what = `${found.tag} ${found.type} “${found.name}”`;
    this.came = false;
    const answers = await this.page.evaluate(() => window.crawl.answers);
    let mustAnswer;
    try {
      mustAnswer = await activate(this.page, this.page.locator("[data-crawl]"), found);
    } catch (error) {
      // Covered by something, or gone: a person could not press it either.
      this.left.set(found.name, `it could not be pressed at ${this.at}: ${covering(error)}`);
      return this.page.keyboard.press("Escape");
    }
    this.presses += 1;
    const answered = async () => this.came || this.page.url() !== before
      || (await this.page.evaluate(() => window.crawl.answers).catch(() => answers + 1)) !== answers;
    for (let wait = 0; mustAnswer && wait < 40 && !(await answered()); wait += 1) await this.page.waitForTimeout(50);
    if (mustAnswer && !(await answered())) {
      this.silent += 1;
      this.faults.push(`said nothing at ${this.at}: ${what}`);
    }
    const lives = await this.alive(what);
    if (!lives || new URL(this.page.url()).pathname !== new URL(before).pathname) await this.open(address, !lives);
  }
}

function covering(error) {
  const lines = String(error).split("\n").map((line) => line.trim());
  return (lines.find((line) => /intercepts|not (visible|enabled|stable)|detached|outside/.test(line)) ?? lines[0]).slice(0, 160);
}

export const ROUTES = ["/", "/report", "/ledger", "/import", "/new", "/attention", "/audit", "/device", "/units", "/nowhere"];

// Boards that the person sees, by address; then the views of one.
export async function boardsOf(page) {
  const links = await page.locator("a[href^='/b/b_']").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("?")[0]));
  return [...new Set(links)].filter((href) => /^\/b\/b_[a-z0-9]+$/.test(href));
}

export async function viewsOf(page, address) {
  await go(page, address);
  await page.locator(".tabs a").first().waitFor();
  return page.locator(".tabs a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
}

// Walks through the app and presses each control it finds with harmless input. After each press the
// app must be alive, must not have stood still for two seconds, and must have answered with something.
import { stat } from "node:fs/promises";
import { watchPage } from "./crawl-page.mjs";
import { go } from "./go.mjs";

// These end the session or close the device: they are pressed last of all, by `last-presses.mjs`.
const LAST = [/^退出登录/, /^退出此设备/, /^停止使用/, /^锁定本机/];

// The walk's own account keeps its rights; the same controls are pressed in the rows of others.
const OWN_ROW = "it would take the walk's own account away; pressed in the rows of others";

// Files that are not what their place asks for: the app must say so, and must not die of them.
const POINT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const FILES = {
  ".txt": ["一张.txt", "一、目标任务\n\n（一）开展联合教研。（责任单位：市教育局）\n"],
  ".csv": ["一张.csv", "编号,名称\n,一行\n"],
  ".docx": ["坏的.docx", "PK\u0003\u0004x"],
  ".xlsx": ["坏的.xlsx", "PK\u0003\u0004x"],
  ".pdf": ["坏的.pdf", "%PDF-1.7\nx"],
  ".bundle": ["空.bundle", "x"],
  ".toml": ["空.toml", "x"],
  "image": ["点.png", Buffer.from(POINT, "base64")],
};

const INPUT = {
  text: "走查", search: "走查", number: "3", date: "2027-06-01", month: "2027-06", time: "09:00",
  "datetime-local": "2027-06-01T09:00", password: "tongban-demo",
};
const PIN = "246810";
// A control that went away is not waited for.
const QUICK = { timeout: 500 };

// An address without the names of what it shows: pages of one kind have the same controls.
export const kindOf = (pathname) => pathname.replace(/\b([bitsu])_[a-z0-9]+/g, "$1").replace(/(\/p\/s\/b)\/\d+/g, "$1/0");

// Acts on a marked control. Gives whether a change in the control itself is its answer.
async function activate(page, control, found, at) {
  const { tag, type, option } = found;
  // A person points at what is seen; what is covered is found out by the slower way.
  const click = () => at ? page.mouse.click(at.x, at.y) : control.click({ timeout: 1500 });
  if (tag === "SELECT") {
    await control.selectOption({ index: option }, { timeout: 3000 });
    const stays = (await control.evaluate((one) => one.selectedIndex, null, QUICK).catch(() => option)) === option;
    // The walk reads Chinese names.
    if (await control.locator("option[value=zh-Hant]").count().catch(() => 0) > 0) await control.selectOption("zh-CN", { timeout: 3000 });
    return stays;
  }
  if (type === "file") {
    const endings = Object.keys(FILES).filter((ending) => found.accept.includes(ending));
    for (const ending of endings.length > 0 ? endings : [".txt"]) {
      const [name, content] = FILES[ending];
      if (await control.count() > 0) await control.setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });
    }
    return false;
  }
  if (tag === "DIV") {
    await control.dblclick({ timeout: 1500 });
    const editor = page.locator(".sheet__editor--open");
    if (await editor.count() > 0) await editor.fill(INPUT.text, { timeout: 1500 }).then(() => page.keyboard.press("Enter"));
    return false;
  }
  if (type === "checkbox" || type === "radio") {
    const before = await control.isChecked(QUICK);
    await click();
    return before !== await control.isChecked(QUICK).catch(() => before);
  }
  if (type === "range" || type === "color") {
    await control.press("ArrowRight", { timeout: 1500 });
    return true;
  }
  if (tag === "TEXTAREA" || (tag === "INPUT" && !["button", "submit"].includes(type))) {
    const input = INPUT[type] ?? INPUT.text;
    await control.fill(input, { timeout: 3000 });
    const stays = (await control.inputValue(QUICK).catch(() => "")) === input;
    await control.evaluate((one) => one.blur(), null, QUICK).catch(() => {});
    return stays;
  }
  // The link to the content shows itself to the keyboard alone.
  if (found.href === "#main") {
    await control.focus({ timeout: 1500 });
    await page.keyboard.press("Enter");
    // It leads the keyboard there.
    const led = await page.waitForFunction((id) => document.activeElement.id === id, found.href.slice(1), { timeout: 1000 }).then(() => true, () => false);
    await page.evaluate(() => document.activeElement.blur());
    return led ? true : "the focus stays where it was";
  }
  await click();
  return found.chosen || (tag === "A" && found.here);
}

// One role on one screen, on or off the network.
export class Walk {
  constructor(page, { login = "", offline = false, pressesPerPage = 60, perPath = 24, perRowPath = 4 } = {}) {
    Object.assign(this, {
      page, login, offline, pressesPerPage, perPath, perRowPath,
      pages: 0, presses: 0, silent: 0, slow: 0, longest: 0, opened: 0, alike: 0, rest: 0, again: 0,
      faults: [], left: new Map(), answers: new Map(), last: new Map(), pressed: new Set(), paths: new Map(), kinds: new Set(), still: new Map(),
    });
  }

  static async begin(page, options) {
    const walk = new Walk(page, options);
    await page.context().addInitScript(watchPage);
    page.on("download", (download) => { walk.came = true; walk.downloading = walk.received(download); });
    page.on("popup", (popup) => { walk.came = true; walk.showing = walk.shown(popup); });
    page.on("dialog", (dialog) => { walk.came = true; (dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss()).catch(() => {}); });
    page.on("pageerror", (error) => walk.fault(`page error at ${walk.at}: ${error}`));
    page.on("response", (response) => {
      if (response.status() < 400) return;
      const line = `${response.status()} ${response.request().method()} ${kindOf(new URL(response.url()).pathname)}`;
      walk.answers.set(line, (walk.answers.get(line) ?? 0) + 1);
    });
    return walk;
  }

  fault(line) {
    this.faults.push(line);
    this.tell?.(line);
  }

  // A file that was given is there and holds something.
  async received(download) {
    const [failed, path] = [await download.failure(), await download.path().catch(() => null)];
    const size = path ? (await stat(path)).size : 0;
    if (failed || size === 0) this.fault(`download of ${download.suggestedFilename()} at ${this.at}: ${failed ?? "it is empty"}`);
  }

  // A page beside the app answers; off the network the browser says that it cannot be reached.
  async shown(popup) {
    this.opened += 1;
    await popup.waitForLoadState("domcontentloaded", { timeout: 5000 }).catch(() => {});
    const empty = popup.url().startsWith("blob:") ? false : (await popup.locator("body").innerText({ timeout: 2000 }).catch(() => "")) === "";
    if (empty && !this.offline) this.fault(`empty page beside the app at ${this.at}: ${popup.url()}`);
    await popup.close();
  }

  // Goes to an address, or loads it anew where the app is dead.
  async open(address, anew = false) {
    this.at = new URL(address).pathname;
    await this.loaded();
    if (anew) await this.page.goto(address);
    else await go(this.page, address);
    await this.page.locator("main").first().waitFor();
    await this.page.evaluate(() => window.crawl.settled(40, 2000));
    await this.alive("opened");
  }

  // A page that loads itself anew is waited for.
  async loaded(tries = 3) {
    await this.page.waitForLoadState("load").catch(() => {});
    const drawn = this.page.waitForFunction(() => document.querySelector("main") && window.crawl, null, { timeout: 20_000 });
    // It may be loaded once more while it is waited for.
    await drawn.catch((error) => { if (tries < 2) throw error; return this.loaded(tries - 1); });
  }

  // The page may load itself anew meanwhile: then it is asked again.
  async inPage(asked, about) {
    try {
      return await this.page.evaluate(asked, about);
    } catch {
      await this.loaded();
      return this.page.evaluate(asked, about);
    }
  }

  async alive(what, told = null) {
    let state = told;
    try {
      state ??= await this.page.evaluate(() => window.crawl.state());
    } catch {
      await this.loaded();
      state = await this.page.evaluate(() => window.crawl.state());
    }
    if (state.panic) {
      this.fault(`died at ${this.at}: ${what}: ${state.panic}`);
      return false;
    }
    this.longest = Math.max(this.longest, state.stood);
    if (state.stood > 2000) {
      this.slow += 1;
      this.fault(`stood still for ${Math.round(state.stood)} ms at ${this.at}: ${what}`);
    }
    if (state.gate) await this.passGate();
    if (state.signIn && !this.leaving) this.fault(`signed out at ${this.at}: ${what}`);
    // A link of the app leads to something.
    if (/^(没有这个页面|本机没有这张清单)$/.test(state.head) && this.at !== "/nowhere") this.fault(`leads nowhere: ${this.page.url()} after ${what} at ${this.at}`);
    return true;
  }

  // The device asks for a PIN: a wrong one is refused in words, the right one opens it.
  async passGate() {
    const form = this.page.locator("main.page--quiet form").filter({ has: this.page.locator("input[inputmode=numeric]") });
    const fields = await form.locator("input").all();
    const submit = form.locator("button[type=submit]");
    for (const [place, field] of fields.entries()) await field.fill(fields.length > 1 && place === 1 ? "864209" : fields.length > 1 ? PIN : "111222");
    await submit.click();
    await form.locator("[role=alert]").filter({ hasText: /./ }).waitFor({ timeout: 5000 }).catch(() => this.fault("a wrong PIN is refused without a word"));
    for (const field of fields) await field.fill(PIN);
    await submit.click();
    await form.waitFor({ state: "detached", timeout: 10_000 }).catch(() => this.fault("the right PIN does not open the device"));
    this.presses += 2;
    this.gates = (this.gates ?? 0) + 1;
  }

  // Presses what is on one page, which is opened again when a press has led away or has ended it.
  async walkPage(address) {
    await this.open(address);
    this.pages += 1;
    const place = kindOf(new URL(address).pathname);
    this.kinds.add(place);
    // Pages of one kind share their controls: where nothing new was found twice, the others are opened.
    const already = this.presses;
    if ((this.still.get(place) ?? 0) >= 2) return;
    const page = { address, place, opener: new Map(), met: new Map(), tries: new Map(), fresh: 0, presses: 0, before: null };
    let count = 0;
    for (; count < this.pressesPerPage; count += 1) {
      const list = JSON.parse(await this.inPage((asked) => window.crawl.list(asked), { place, own: this.login, pathname: new URL(address).pathname }));
      if (!list) {
        await this.open(address);
        continue;
      }
      const { question, controls } = list;
      for (const one of controls) {
        if (!page.met.has(one.key)) page.opener.set(one.key, page.before);
        page.met.set(one.key, one);
      }
      const next = controls.find((one) => this.wants(one));
      if (next) {
        page.before = next.key;
        await this.press(next, page);
      } else if (question) {
        await this.leaveQuestion();
      } else if (!(await this.reach(controls, page))) {
        break;
      }
    }
    this.still.set(place, this.presses === already ? (this.still.get(place) ?? 0) + 1 : 0);
    const unmet = [...page.met.values()].filter((one) => this.wants(one, false));
    this.rest += unmet.length;
    for (const one of unmet) this.left.set(`${one.name} ${one.way} at ${place}`, count < this.pressesPerPage ? "it went away and could not be reached again" : "the page had too many controls");
  }

  async leaveQuestion() {
    await this.page.keyboard.press("Escape");
    await this.page.waitForFunction(() => !document.querySelector("dialog[open]"), null, { timeout: 3000 })
      .catch(() => this.fault(`a question does not go away with Esc at ${this.at}`));
  }

  // Whether a control is still to be pressed; those that are not pressed here are noted.
  wants(one, note = true) {
    if (this.pressed.has(one.key)) return false;
    const pass = (count) => {
      if (note) {
        this.pressed.add(one.key);
        count();
      }
      return false;
    };
    if (one.ownRow && ["SELECT", "BUTTON"].includes(one.tag)) return pass(() => this.left.set(`${one.name} (own row)`, OWN_ROW));
    if (one.tag === "BUTTON" && LAST.some((pattern) => pattern.test(one.name))) return pass(() => this.last.set(one.name, this.at));
    if (one.tag === "A" && /^(?!https?:|blob:)[a-z]+:/.test(one.href)) return pass(() => this.left.set(one.name, "it opens another program"));
    // Rows and choices of one list have the same controls.
    const most = one.row || one.tag === "SELECT" ? this.perRowPath : one.tag === "DIV" ? 30 : this.perPath;
    if ((this.paths.get(one.path) ?? 0) >= most) return pass(() => { this.alike += 1; });
    return true;
  }

  // Presses again what a control that went away was opened by, or opens the page from its start. Says
  // whether there was something to do.
  async reach(controls, page) {
    const seen = new Map(controls.map((one) => [one.key, one]));
    for (const one of page.met.values()) {
      if (!this.wants(one)) continue;
      const tries = page.tries.get(one.key) ?? 0;
      if (tries >= 3) continue;
      page.tries.set(one.key, tries + 1);
      const passed = new Set();
      let by = page.opener.get(one.key);
      while (by && !seen.has(by) && !passed.has(by)) {
        passed.add(by);
        by = page.opener.get(by);
      }
      if (by && seen.has(by) && tries < 2) {
        this.again += 1;
        await this.press(seen.get(by), page, true);
        return true;
      }
      // As long as opening it anew has brought something.
      if (this.presses > page.presses) page.fresh = 0;
      page.presses = this.presses;
      if (page.fresh >= 3) continue;
      page.fresh += 1;
      await this.open(new URL("/nowhere", page.address).toString());
      await this.open(page.address);
      page.before = null;
      return true;
    }
    return false;
  }

  async press(found, page, again = false) {
    const what = `${found.tag} ${found.type} “${found.name}” ${found.way}`.trim();
    const marked = await this.inPage((asked) => window.crawl.mark(asked), { key: found.key, way: found.way, words: INPUT });
    if (!marked) return;
    Object.assign(this, { came: false, downloading: null, showing: null });
    let took = false;
    try {
      took = await activate(this.page, this.page.locator("[data-crawl]"), found, marked.at);
    } catch (error) {
      return this.missed(found, what, error);
    }
    if (!again) {
      this.presses += 1;
      this.pressed.add(found.key);
      this.paths.set(found.path, (this.paths.get(found.path) ?? 0) + 1);
    }
    if (typeof took === "string") this.fault(`leads nowhere at ${this.at}: ${what}: ${took}`);
    const asked = { answers: marked.answers, address: marked.address, wait: !took };
    // A page that is loaded anew has answered.
    const state = await this.page.evaluate((one) => window.crawl.heard(one), asked).catch(() => null);
    if (state && !took && !again && !state.heard && !this.came) {
      this.silent += 1;
      this.fault(`said nothing at ${this.at}: ${what} (${found.path.slice(0, 160)})`);
    }
    await Promise.all([this.downloading, this.showing]);
    const lives = await this.alive(what, state);
    const here = new URL(this.page.url());
    const there = new URL(page.address);
    // The panel of another row is the same panel; a panel that was closed is opened again by its address.
    const away = here.pathname !== there.pathname || (there.search !== "" && here.search === "");
    if (!lives || away) await this.open(page.address, !lives || here.origin !== there.origin);
  }

  // Covered or gone: a person could not press it either. Tried a second time with all else closed.
  async missed(found, what, error) {
    const why = covering(error);
    await this.page.keyboard.press("Escape");
    // The panel of the badge stays until the badge is pressed again.
    const badge = this.page.locator(".badge__button[aria-expanded=true]");
    if (await badge.count() > 0) await badge.click({ timeout: 1500 }).catch(() => {});
    // A notice stays until it is closed.
    const notice = this.page.locator(".notice--open").getByRole("button", { name: "关闭" });
    if (await notice.count() > 0) await notice.click({ timeout: 1500 }).catch(() => {});
    const tries = (this.misses ??= new Map()).get(found.key) ?? 0;
    this.misses.set(found.key, tries + 1);
    if (tries < 1) return;
    this.pressed.add(found.key);
    if (/intercepts|outside/.test(why)) this.fault(`cannot be pressed at ${this.at}: ${what}: ${why}`);
    else this.left.set(`${found.name} at ${this.at}`, `it could not be pressed: ${why}`);
  }

  told() {
    const { pages, kinds, presses, left, silent, slow, longest, alike, again, rest, opened, faults } = this;
    return `${pages} pages of ${kinds.size} kinds, ${presses} controls pressed, ${alike} alike not pressed, ${again} pressed again to reach others, ${left.size} passed over, ${rest} out of reach or over the cap, ${opened} pages beside, ${silent} silent, ${slow} over 2 s (longest ${Math.round(longest)} ms), ${faults.length} faults`;
  }
}

function covering(error) {
  const lines = String(error).split("\n").map((line) => line.trim());
  return (lines.find((line) => /intercepts|not (visible|enabled|stable)|detached|outside/.test(line)) ?? lines[0]).slice(0, 200);
}

export const ROUTES = [
  "/", "/report", "/ledger", "/import", "/remind", "/new", "/oversight", "/attention", "/audit", "/device", "/units", "/join/none", "/nowhere",
];

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

// One item of each look that was not met before: its panel shows what can be done in its state.
export async function itemsOf(page, address, met) {
  await go(page, address);
  await page.evaluate(() => window.crawl.settled(100, 2000));
  const found = await page.locator("[data-testid=item]").evaluateAll((all) => all.map((row) => {
    const look = [...row.querySelectorAll("[class*=state], [class*=lamp], .tag")].map((one) => `${one.className} ${one.textContent.replace(/\d+/g, "0")}`);
    return [[...new Set(look)].join("|").slice(0, 200), row.querySelector("a[href*='item=']")?.getAttribute("href")];
  }));
  const looks = new Map(found.filter(([look, href]) => href && !met.has(look)).reverse());
  for (const look of looks.keys()) met.add(look);
  return [...looks.values()].map((href) => new URL(href, page.url()).toString());
}

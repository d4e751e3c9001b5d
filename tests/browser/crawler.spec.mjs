// A walk through every page in each role: nothing may die, stand still or say nothing. Short in the
// suite; TONGBAN_CRAWL=all walks each role, screen and network to the end, and prints what it counted.
import { expect, test } from "./guard.mjs";
import { execFileSync } from "node:child_process";
import { ROUTES, Walk, boardsOf, itemsOf, kindOf, viewsOf } from "./crawler.mjs";
import { lastPresses } from "./last-presses.mjs";
import { Server, program, synced } from "./server.mjs";

const ALL = process.env.TONGBAN_CRAWL === "all";
// Pages of this kind alone, to see a fault again.
const AT = process.env.TONGBAN_CRAWL_AT ? new RegExp(process.env.TONGBAN_CRAWL_AT) : null;
const SCREENS = { "1366×768": { width: 1366, height: 768 }, "390×844": { width: 390, height: 844 } };
// The most different ones first, for a run that is broken off.
const [WIDE, NARROW] = Object.keys(SCREENS);
const WAYS = [[WIDE, false], [NARROW, true], [WIDE, true], [NARROW, false]];
const ACCOUNTS = ["office", "hailar", "jiaoyu", "ruye"];
// Roles that the demonstration has nobody of.
const INVITED = { reader: "市教育局", reporter: "海拉尔区人民政府", supervisor: "市教育局", leader: "市教育局", guest: "市信访局", keeper: "市教育局" };
const PASSWORD = "tongban-demo";
const HOME = /工作台|我的事项/;

const loginOf = (role) => role in INVITED ? `walk-${role}` : role;

// A passkey is made by an authenticator of the browser's own.
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  };
  await session.send("WebAuthn.addVirtualAuthenticator", { options });
}

async function signIn(page, role) {
  await page.getByLabel("用户名").fill(loginOf(role));
  await page.getByLabel("密码").fill(PASSWORD);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.locator(".top").waitFor();
}

async function enter(page, address, server, role) {
  if (role in INVITED) {
    const data = { ...process.env, TONGBAN_DATA: server.data };
    const link = execFileSync(program, ["admin", "invite", INVITED[role], "--role", role], { env: data });
    await page.goto(address + link.toString().trim());
    await page.getByLabel("用户名").fill(loginOf(role));
    await page.locator('input[name="password"]').fill(PASSWORD);
    await page.getByRole("button", { name: "完成" }).click();
  } else {
    await page.goto(address);
    await signIn(page, role);
  }
  await page.locator("h1, h2", { hasText: HOME }).first().waitFor();
  await synced(page);
}

// The pages of the walk: each route, each view of the boards, and an item of each look on each board.
async function addresses(page, base, { boards, items }) {
  const all = ROUTES.map((route) => base + route);
  const seen = (await boardsOf(page)).slice(0, boards);
  const unit = await page.evaluate(() => document.querySelector("a[href^='/u/']")?.getAttribute("href"));
  if (unit) all.push(base + unit);
  const [looks, met] = [[], new Set()];
  for (const board of seen) {
    for (const view of await viewsOf(page, base + board)) all.push(base + view);
    looks.push(...await itemsOf(page, `${base}${board}/list`, met));
  }
  return [...new Set([...all, ...looks.slice(0, items)])];
}

// Everything below /p/ that a link leads to: pages answer and are drawn, files answer.
async function walkPublic(walk, context, base) {
  const page = await context.newPage();
  page.on("pageerror", (error) => walk.fault(`page error on a public page: ${error}`));
  const [waiting, seen] = [[`${base}/p/`], new Map()];
  while (waiting.length > 0 && seen.size < 400) {
    const address = waiting.shift();
    const kind = kindOf(new URL(address).pathname + new URL(address).search.replace(/=[^&]*/g, "="));
    if ((seen.get(kind) ?? 0) >= 3) continue;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    const answer = await page.request.get(address);
    if (answer.status() >= 400) walk.fault(`public page: ${answer.status()} ${address}`);
    walk.opened += 1;
    if (!/text\/html/.test(answer.headers()["content-type"] ?? "")) continue;
    await page.goto(address);
    for (const control of await page.locator("summary, button, input[type=checkbox]").all()) {
      if (await control.isVisible()) { await control.click({ timeout: 1500 }).catch(() => {}); walk.presses += 1; }
    }
    const links = await page.locator("a[href]").evaluateAll((all) => all.map((link) => link.href));
    waiting.push(...links.filter((link) => new URL(link).origin === base && new URL(link).pathname.startsWith("/p/")).map((link) => link.split("#")[0]));
  }
  await page.close();
}

async function walk(browser, { role, screen, offline, boards, items, whole, ...limits }) {
  const server = await Server.start();
  // Passkeys want a page with a name.
  const base = server.address.replace("127.0.0.1", "localhost");
  const context = await browser.newContext({ viewport: SCREENS[screen], locale: "zh-CN", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await authenticator(page);
  const name = `${role} ${offline ? "offline" : "online"} ${screen}`;
  const walking = await Walk.begin(page, { login: loginOf(role), offline, ...limits });
  if (ALL) walking.tell = (line) => console.log(`  FAULT ${name}: ${line}`);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let last = [];
  try {
    await enter(page, base, server, role);
    // Reading everything for the first time is told by itself: it is no press.
    const { stood } = await page.evaluate(() => window.crawl.state());
    console.log(`${name}: signing in stood still for ${Math.round(stood)} ms`);
    const all = await addresses(page, base, { boards, items });
    if (offline) {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
      await page.reload();
      await synced(page);
      // A connection that is open outlives the browser's word that there is none.
      await context.setOffline(true);
      await page.reload();
      await page.locator('[data-testid="badge"][data-state="offline"]').waitFor();
    }
    for (const address of all.filter((one) => !AT || AT.test(kindOf(new URL(one).pathname)))) {
      const already = walking.presses;
      await walking.walkPage(address).catch(async (error) => {
        walking.fault(`the walk of ${address} broke off: ${error}`);
        await walking.open(address, true);
      });
      if (ALL && walking.presses > already) console.log(`${name} ${kindOf(new URL(address).pathname)}: ${walking.presses - already} pressed, ${seconds()} s`);
    }
    if (whole) {
      if (!offline) await walkPublic(walking, context, base);
      const again = () => signIn(page, role);
      last = await lastPresses(walking, base, { offline, signIn: again, setLock: ["office", "keeper"].includes(role) }).catch((error) => {
        walking.fault(`the last presses broke off: ${error}`);
        return [];
      });
    }
    await walking.alive("the end");
  } finally {
    await context.close();
    await server.end();
  }
  const { pages, presses, faults, left, answers } = walking;
  console.log(`${name}: ${walking.told()}, ${last.length} last, ${seconds()} s`);
  if (ALL) {
    for (const [what, why] of left) console.log(`  PASSED OVER ${name}: ${what} (${why})`);
    console.log(`  LAST ${name}: ${last.join("、")}; found ${[...walking.last.keys()].join("、")}`);
    for (const [line, count] of answers) console.log(`  ANSWER ${name}: ${line} ×${count}`);
  }
  expect(pages, "pages opened").toBeGreaterThanOrEqual(ROUTES.length);
  expect(presses, "controls pressed").toBeGreaterThan(10);
  expect(faults).toEqual([]);
}

// An invitation that nobody made; then what an ended device and session are told, and a wrong password.
const EXPECTED = [/^answer: 404 GET \/api\/invitations\/none$/];
// A code of six digits that is no code of the account; and the shown edition of a plan, a frame without
// scripts, which refuses the script that the walk itself brings into every page.
const MADE_BY_THE_WALK = [
  /^answer: 401 POST \/api\/ways\/code\/confirm$/, /^console: Blocked script execution in 'about:srcdoc'/,
];
const AT_THE_END = [
  /^console: WebSocket connection to '[^']+' failed: HTTP Authentication failed/,
  /^answer: 401 GET \/api\/(sessions|devices|ways)$/, /^answer: 409 POST \/api\/devices$/,
  /^answer: 401 POST \/api\/(passkey\/)?session$/,
];
// Chromium shows a picture that is opened by itself in a page of its own, to which the app's policy is handed
// down: it may not style that page, and says so. The picture is there all the same.
const PICTURE_PAGE = [/^console: Applying inline style .*\(blob:/, /^console: policy broken: style-src-attr inline {2}\(\)$/];

if (ALL) {
  test.describe.configure({ mode: "parallel" });
  for (const [screen, offline] of WAYS) {
    for (const role of [...ACCOUNTS, ...Object.keys(INVITED)]) {
      test(`${role}, ${screen}, ${offline ? "offline" : "online"}: every control is pressed`, async ({ browser, guard }) => {
        test.setTimeout(3_600_000);
        guard.expects(...EXPECTED, ...AT_THE_END, ...PICTURE_PAGE, ...MADE_BY_THE_WALK);
        await walk(browser, { role, screen, offline, boards: 100, items: 12, pressesPerPage: 400, whole: true });
      });
    }
  }
} else {
  test("controls of every page answer and nothing dies", async ({ browser, guard }) => {
    test.setTimeout(240_000);
    guard.expects(...EXPECTED);
    await walk(browser, { role: "office", screen: WIDE, offline: false, boards: 1, items: 1, pressesPerPage: 4 });
    await walk(browser, { role: "ruye", screen: NARROW, offline: true, boards: 0, items: 0, pressesPerPage: 4 });
  });
}

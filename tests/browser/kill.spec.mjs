// The browser is killed as by a power cut, at random moments, while a person writes without a network:
// what the badge called saved is there again, and reaches the server.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { expect, test } from "./guard.mjs";
import { Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

const ROUNDS = Number(process.env.TONGBAN_BROWSER_KILLS ?? 4);

// A browser of our own with a profile on the disk, so that it can be killed and started again.
class Browser {
  static async start(profile, { executablePath, args }, guard) {
    const one = new Browser();
    const all = [...args, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"];
    one.process = spawn(executablePath, all, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    const address = await new Promise((done, fail) => {
      let said = "";
      one.process.once("exit", (code) => fail(new Error(`the browser ended with ${code}: ${said}`)));
      one.process.stderr.on("data", (text) => {
        said += text;
        const found = /DevTools listening on (\S+)/.exec(said);
        if (found) done(found[1]);
      });
    });
    one.link = await chromium.connectOverCDP(address);
    const [context] = one.link.contexts();
    guard.watch(context);
    one.page = context.pages()[0] ?? await context.newPage();
    return one;
  }

  // The whole family of processes at once: nothing is written after that.
  async kill() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.removeAllListeners("exit");
    const ended = new Promise((done) => this.process.once("exit", done));
    process.kill(-this.process.pid, "SIGKILL");
    await ended;
    await this.link.close().catch(() => {});
  }
}

// Writes until the page is gone; what the badge has called saved is noted.
async function write(page, saved, count) {
  const badge = page.getByTestId("badge");
  for (;;) {
    const words = `第${++count.all}条进展`;
    await page.getByLabel("写一条进展").fill(words);
    await page.getByRole("button", { name: "保存" }).click();
    await expect(page.getByText(words, { exact: true })).toBeVisible();
    // `saving` would be what is not on the disk yet.
    await expect(badge).toHaveAttribute("data-state", "waiting");
    saved.push(words);
  }
}

// All that was saved stands in the panel: the newest, and the others behind their number.
async function areShown(page, saved) {
  await page.getByText(saved.at(-1), { exact: true }).waitFor();
  const all = page.getByRole("button", { name: /^全部 \d+ 条$/ });
  if (saved.length > 3) await all.click();
  for (const words of saved) await expect(page.getByText(words, { exact: true }), words).toBeVisible();
}

test("the browser is killed while somebody writes: what was saved is there, and reaches the server", async ({ browser, guard }, info) => {
  // A young session is lost with the browser; the board that is open asks for its editions first.
  guard.expects(/^answer: 401 GET \/api\/publications\//);
  test.setTimeout(120_000 + ROUNDS * 30_000);
  const server = await Server.start();
  const profile = await mkdtemp(join(tmpdir(), "tongban-profile-"));
  const options = info.project.use.launchOptions;
  let mine = await Browser.start(profile, options, guard);
  try {
    await signIn(mine.page, server.address, "hailar");
    await synced(mine.page);
    await openBoard(mine.page);
    await openFirstItem(mine.page);
    await mine.page.getByLabel("写一条进展").waitFor();
    const address = mine.page.url();
    await synced(mine.page);
    await server.down("SIGKILL");

    const saved = [];
    const count = { all: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = saved.length;
      const writing = write(mine.page, saved, count).then(() => "ended", () => "ended");
      // At any moment from the first words on; in a round in which nothing was saved yet, later.
      const wait = 300 + Math.random() * 3000;
      await new Promise((done) => setTimeout(done, wait));
      for (let more = 0; saved.length === before && more < 100; more += 1) await new Promise((done) => setTimeout(done, 100));
      await mine.kill();
      await writing;
      expect(saved.length, "something was saved before the kill").toBeGreaterThan(before);
      mine = await Browser.start(profile, options, guard);
      await mine.page.goto(address);
      await mine.page.getByLabel("写一条进展").waitFor({ timeout: 20_000 });
      await areShown(mine.page, saved);
    }

    await server.up();
    await mine.page.reload();
    // Chromium writes cookies down every half minute: a younger session is lost with the browser. Then the
    // page says so, and that nothing else is lost.
    const password = mine.page.getByLabel("密码");
    const badge = mine.page.locator('[data-testid="badge"][data-state="synced"]');
    await expect(password.or(badge)).toBeVisible({ timeout: 20_000 });
    if (await password.isVisible()) {
      await expect(mine.page.getByRole("status").filter({ hasText: "本机保存的内容都还在" })).toBeVisible();
      await mine.page.screenshot({ path: "browser/shots/signed-out-kept.png" });
      await mine.page.getByLabel("用户名").fill("hailar");
      await password.fill("tongban-demo");
      await mine.page.getByRole("button", { name: "登录", exact: true }).click();
    }
    await synced(mine.page);
    const office = await (await browser.newContext()).newPage();
    await signIn(office, server.address);
    await synced(office);
    await office.goto(address);
    await areShown(office, saved);
    console.log(`    ${ROUNDS} kills of the browser, ${saved.length} of ${count.all} edits saved, 0 lost`);
  } finally {
    await mine.kill();
    await server.end();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

// Trust: what is made public was looked at, lost devices end, the trail says who did what.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { confirm } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { edit, draftAgain, settle } from "./plan.mjs";
import { Server, openBoard, openFirstItem, program, signIn, synced } from "./server.mjs";

const server = {};

test.beforeEach(async () => {
  server.one = await Server.start();
});

test.afterEach(async () => {
  await server.one.end();
});

async function openPlan(page) {
  await signIn(page, server.one.address);
  await synced(page);
  await openBoard(page);
}

async function retitle(page, title) {
  await openFirstItem(page);
  await edit(page);
  await page.getByLabel("标题", { exact: true }).fill(title);
  await page.getByLabel("标题", { exact: true }).press("Tab");
  await synced(page);
}

// An edition that somebody has kept proves itself, and no other words do.
async function proven(request, address) {
  const run = promisify(execFile);
  const text = await (await request.get(address)).text();
  const file = join(server.one.data, "edition.json");
  const key = (await run(program, ["admin", "authority", "--data", server.one.data])).stdout.trim();
  const verify = async (words, trusted = key) => {
    await writeFile(file, words);
    return run(program, ["verify", file, "--authority", trusted]).then(({ stdout }) => stdout, ({ code, stdout }) => `${code} ${stdout}`);
  };
  expect(await verify(text)).toContain("签名有效");
  expect(await verify(text.replace("丰富产品供给", "减少产品供给"))).toContain("1 签名不符");
  expect(await verify(text, `${"0".repeat(63)}1`)).toContain("不是指定的服务器签的");
}

test("personal data stops an edition; editions are kept, compared and withdrawn", async ({ browser, guard, page, request }) => {
  // The content changed after it was looked at.
  guard.expects(/^answer: 409 POST \/api\/publications\//);
  await openPlan(page);
  await retitle(page, "丰富产品供给（联系人：王某某 13800001234）");
  // A plan that is not settled is not published; the next act stands in the button's place.
  await expect(page.getByRole("link", { name: "去定稿" })).toBeVisible();
  await expect(page.getByRole("button", { name: "发布", exact: true })).toHaveCount(0);
  await settle(page);
  await page.getByRole("button", { name: "发布", exact: true }).click();
  const places = page.getByTestId("sensitive");
  await expect(places).toContainText("电话号码");
  await expect(places).toContainText("人名");
  await expect(places).toContainText("138******34");
  await expect(page.getByTestId("confirm-publish")).toBeDisabled();
  await page.screenshot({ path: "browser/shots/publish-stopped.png" });
  await noViolations(page, "an edition that is stopped");
  await page.getByRole("button", { name: "发布", exact: true }).click();

  await draftAgain(page);
  await retitle(page, "丰富产品供给");
  await settle(page);
  const publish = async () => {
    await page.getByRole("button", { name: "发布", exact: true }).click();
    await page.getByTestId("confirm-publish").click();
    await expect(page.getByTestId("confirm-publish")).toHaveCount(0);
    await synced(page);
  };
  await publish();
  // Changes of the next editions are drafted again first, and settled.
  await draftAgain(page);
  const path = (await page.getByRole("link", { name: /公开页/ }).getAttribute("href")).replace(/\/1$/, "");
  await retitle(page, "丰富产品供给和品类");
  // Only a settled plan is published.
  await expect(page.getByRole("link", { name: "去定稿" })).toBeVisible();
  await settle(page);
  await page.getByRole("button", { name: "发布", exact: true }).click();
  await expect(page.getByTestId("differences")).toContainText("丰富产品供给和品类");
  await page.screenshot({ path: "browser/shots/publish-review.png" });
  await expect(page.getByTestId("confirm-publish")).toBeEnabled();
  // Somebody goes on writing: what was looked at is not what would be published.
  const other = await (await browser.newContext()).newPage();
  await openPlan(other);
  await draftAgain(other);
  await retitle(other, "丰富产品供给和品种");
  await settle(other);
  await expect(page.getByTestId("item").first()).toContainText("品种");
  await page.getByTestId("confirm-publish").click();
  await expect(page.getByText("内容在核对以后又有变动")).toBeVisible();
  await page.getByRole("button", { name: "发布", exact: true }).click();
  await publish();

  const address = server.one.address + path;
  const html = async (url) => (await request.get(url)).text();
  expect(await html(address)).toContain("丰富产品供给和品种");
  // The page offers the one before, under its own address.
  expect(await html(address)).toContain(`href="${path}/1">第 1 版`);
  expect(await html(`${address}/1`)).not.toContain("品种");
  expect(await html(`${address}/1/2`)).toContain("第 1 版与第 2 版对照");
  expect(await html(`${address}/1/2`)).not.toContain("撤回");
  await proven(request, `${address}/1.signed.json`);
  await page.goto(`${address}/1/2`);
  await noViolations(page, "two editions side by side");
  await page.screenshot({ path: "browser/shots/editions-compared.png" });

  await page.goto(server.one.address);
  await synced(page);
  await openBoard(page);
  await page.getByRole("button", { name: "发布", exact: true }).click();
  await page.getByTestId("editions").getByRole("button", { name: "撤回" }).first().click();
  await confirm(page, "数据有误，另行公布");
  await expect(page.getByTestId("editions")).toContainText("数据有误");
  expect(await html(address)).not.toContain("和品种");
  expect(await html(`${address}/2`)).toContain("数据有误，另行公布");
  expect(await html(`${address}/1/2`)).toMatch(/第 2 版已于 .* 撤回。<\/b>数据有误，另行公布/);
  expect((await request.get(`${address}/2.signed.json`)).status()).toBe(410);
  guard.expects(/^answer: 410 GET \/p\/.*\/2$/);
  await page.goto(`${address}/2`);
  await noViolations(page, "a withdrawn edition");
});

test("a keeper sees who uses most and signs them out", async ({ browser, guard }) => {
  guard.expects(/^console: WebSocket connection to .* HTTP Authentication failed/);
  const office = await (await browser.newContext()).newPage();
  const banner = await (await browser.newContext()).newPage();
  await signIn(banner, server.one.address, "hailar");
  await synced(banner);
  await signIn(office, server.one.address);
  await synced(office);
  await office.goto(`${server.one.address}/audit`);
  const costs = office.getByTestId("costs");
  const theirs = costs.locator("tr", { hasText: "海拉尔区联络员" });
  await expect(theirs).toContainText("%");
  // Nobody signs themselves out here.
  const own = costs.locator("tr", { hasText: "办公室值班" });
  await expect(own).toBeVisible();
  await expect(own.getByRole("button")).toHaveCount(0);
  await office.screenshot({ path: "browser/shots/costs.png" });
  await noViolations(office, "who uses most");
  await theirs.getByRole("button", { name: "结束其登录" }).click();
  await theirs.getByRole("button", { name: "再点一次确认" }).click();
  await expect(office.getByText("已结束其登录")).toBeVisible();
  await banner.reload();
  await expect(banner.getByLabel("密码")).toBeVisible();
  // The connection is gone, and the trail says who has ended it.
  await expect(async () => {
    await office.getByTestId("costs-again").click();
    await expect(theirs.getByRole("cell").nth(4)).toHaveText("0", { timeout: 1000 });
  }).toPass();
  await office.getByTestId("act").selectOption("sessions_ended");
  await expect(office.getByTestId("trail")).toContainText("海拉尔区联络员");
  await expect(office.getByTestId("trail")).toContainText("办公室值班");
});

test("a lost device is ended: it is signed out, and the trail names who did it", async ({ browser, guard }) => {
  // A device that was ended is not certified again.
  guard.expects(/^answer: 409 POST \/api\/devices$/, /^console: WebSocket connection to .* HTTP Authentication failed/);
  const office = await (await browser.newContext()).newPage();
  const banner = await (await browser.newContext()).newPage();
  await signIn(banner, server.one.address, "hailar");
  await synced(banner);
  await signIn(office, server.one.address);
  await synced(office);
  // 本机 names the own devices, as people know them, and nobody else's.
  await office.goto(`${server.one.address}/device`);
  const devices = office.getByTestId("devices");
  await expect(devices).toContainText("本机");
  await expect(devices.locator("li").first()).toContainText(/Chrome · Linux · 最近联系/);
  await expect(devices).not.toContainText("海拉尔区联络员");
  await office.goto(`${server.one.address}/units`);
  const theirs = devices.locator("li", { hasText: "海拉尔区联络员" });
  await theirs.getByRole("button", { name: "停止使用" }).click();
  await theirs.getByRole("button", { name: "再点一次确认" }).click();
  await expect(theirs).toContainText("已停止使用");
  await office.screenshot({ path: "browser/shots/devices.png", fullPage: true });
  await banner.reload();
  await expect(banner.getByLabel("密码")).toBeVisible();

  await office.goto(`${server.one.address}/audit`);
  const trail = office.getByTestId("trail");
  await expect(trail).toContainText("设备停止使用");
  await expect(trail).toContainText("办公室值班");
  await office.getByTestId("act").selectOption("sign_in");
  await expect(trail).not.toContainText("设备停止使用");
  await office.screenshot({ path: "browser/shots/audit.png" });
  await noViolations(office, "the audit trail");

  // The same browser signs in again: its device stays ended, and that is said.
  await banner.getByLabel("用户名").fill("hailar");
  await banner.getByLabel("密码").fill("tongban-demo");
  await banner.getByRole("button", { name: "登录" }).click();
  await expect(banner.getByText("这台设备已停止使用")).toBeVisible();
});

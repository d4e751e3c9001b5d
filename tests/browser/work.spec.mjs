// What a unit does over the year: its ledger over all boards, rounds, a newer edition of a
// document, templates that everybody may use.
import { confirm } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { Server, signIn, synced } from "./server.mjs";

const FIRST = `某政办发〔2025〕30号

某市人民政府办公室关于印发养老服务工作方案的通知

养老服务工作方案

一、目标任务

到2026年，养老床位达到3000张。

二、重点任务

（一）增加供给。新建养老机构，盘活闲置房屋。（责任单位：市民政局、市财政局，海拉尔区人民政府）

（二）提升质量。培训护理员，开展技能竞赛。（责任单位：市民政局、市教育局）
`;

const SECOND = FIRST
  .replace("〔2025〕30号", "〔2026〕8号")
  .replace("3000张", "3500张")
  .replace("盘活闲置房屋", "盘活闲置厂房和房屋")
  .replace("市财政局，海拉尔区", "市自然资源局，海拉尔区")
  .replace("（二）提升质量", "（二）发展智慧养老。建设信息平台。（责任单位：市民政局）\n\n（三）提升质量");

const server = {};

test.beforeEach(async () => {
  server.one = await Server.start();
});

test.afterEach(async () => {
  await server.one.end();
});

async function read(page, text) {
  await page.goto(`${server.one.address}/import`);
  await page.getByTestId("source").fill(text);
  await page.getByTestId("read").click();
}

test("a newer edition is compared with its board and taken over by choice", async ({ page }) => {
  await signIn(page, server.one.address);
  await synced(page);
  await read(page, FIRST);
  await page.getByTestId("accept").click();
  await expect(page.getByText("已建立")).toHaveCount(1);
  const board = await page.getByRole("link", { name: "养老服务工作方案" }).first().getAttribute("href");
  await synced(page);

  // A board of this title is here, with another number: it is put beside it.
  await read(page, SECOND);
  const lines = page.getByTestId("difference");
  await expect(lines).toHaveCount(7);
  await expect(lines.filter({ hasText: "3500" })).toHaveCount(1);
  await noViolations(page, "compare");
  await page.screenshot({ path: "browser/shots/compare-desktop.png", fullPage: true });
  // All but the target.
  await lines.filter({ hasText: "3500" }).getByRole("checkbox").uncheck();
  await page.getByTestId("take-differences").click();
  await expect(lines).toHaveCount(1);
  await expect(lines).toContainText("3500");
  await page.goto(server.one.address + board);
  await expect(page.getByTestId("item")).toHaveCount(3);
  await expect(page.getByTestId("item").nth(1)).toContainText("发展智慧养老");
  await expect(page.getByTestId("item").nth(0)).toContainText("市自然资源局");
  await expect(page.getByTestId("item").nth(0)).not.toContainText("市财政局");
  await page.getByTestId("item").nth(0).getByRole("link").click();
  await expect(page.getByLabel("内容")).toHaveValue(/盘活闲置厂房和房屋/);
  await synced(page);
  await page.goto(`${server.one.address}${board}/indicators`);
  await expect(page.getByText("3000")).not.toHaveCount(0);
});

test("my unit's ledger over all boards is filled without a network, and a report counts for its round", async ({ page, browser }) => {
  await signIn(page, server.one.address);
  await synced(page);
  const board = await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).getAttribute("href");
  await page.goto(server.one.address + board);
  // A round of the lead: its period and last day.
  const form = page.locator("section.section form").first();
  await form.getByRole("combobox").selectOption({ label: "填报轮次" });
  await form.getByRole("textbox").fill("三季度填报");
  await form.getByRole("button", { name: "添加" }).click();
  await page.getByText("三季度填报").click();
  await page.getByLabel("期间").fill("2026-Q3");
  await page.getByLabel("期间").press("Tab");
  await page.getByLabel("截止日").fill("2026-01-10");
  await synced(page);

  const phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "zh-CN" })).newPage();
  await signIn(phone, server.one.address, "jiaoyu");
  await synced(phone);
  await server.one.down("SIGKILL");
  await phone.getByRole("link", { name: "台账" }).click();
  const rows = phone.getByTestId("own").locator("> li");
  await expect(rows.first()).toBeVisible();
  const first = rows.filter({ hasText: "京蒙协作“教育协作”" }).first();
  await first.getByLabel("负责人").fill("教育局联络员");
  await first.getByLabel("年度任务").fill("年内结对二十所学校");
  await first.getByLabel("年度任务").press("Tab");
  await noViolations(phone, "own ledger");
  await phone.screenshot({ path: "browser/shots/own-filled-phone.png" });
  await phone.reload();
  await expect(first.getByLabel("年度任务")).toHaveValue("年内结对二十所学校");
  await first.getByRole("link").click();
  await phone.getByLabel("写一条进展").first().fill("三所学校已结对");
  await expect(phone.getByTestId("round")).toHaveValue("2026-Q3");
  await phone.getByRole("button", { name: "保存" }).first().click();
  await server.one.up();
  await synced(phone);

  // The lead sees who has reported and who is late, and reminds them on record.
  await synced(page);
  await page.goto(`${server.one.address}${board}/matrix`);
  await page.getByTestId("matrix-across").selectOption({ label: "填报轮次：三季度填报" });
  await expect(page.getByTestId("matrix").locator(".lamp--done")).toHaveCount(1);
  await expect(page.getByTestId("matrix").locator(".lamp--overdue")).not.toHaveCount(0);
  await page.screenshot({ path: "browser/shots/round-desktop.png" });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByText("公文与图表", { exact: true }).click();
  await page.getByRole("button", { name: "催办并记录" }).click();
  await confirm(page);
  await expect(page.getByText("催办文字已复制，已在")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("三季度填报");
});

test("a template that an administrator keeps is there for everybody, and says what looks odd", async ({ page, browser }) => {
  const source = [
    'id = "river_patrol"', "version = 1", 'name = ["河湖巡查", "河湖巡查", "River patrol"]',
    'purpose = ["记录巡河和问题", "記錄巡河和問題", "Walks along rivers"]', 'views = ["list", "kanban"]',
    "[[item]]", 'id = "walk"', 'name = ["巡查", "巡查", "Walk"]',
    'state = [{ id = "planned", name = ["已安排", "已安排", "Planned"] }, { id = "walked", name = ["已巡查", "已巡查", "Walked"] }]',
    'move = [{ from = ["planned"], to = "walked", who = "anybody" }]',
  ].join("\n");
  await signIn(page, server.one.address);
  await synced(page);
  await page.goto(`${server.one.address}/new`);
  await page.getByTestId("template-file").setInputFiles({ name: "river.toml", mimeType: "application/toml", buffer: Buffer.from(source) });
  await expect(page.getByTestId("advice")).toContainText("end = true");
  await page.getByTestId("keep-template").click();
  await expect(page.getByTestId("kept-template")).toContainText("河湖巡查");
  await page.screenshot({ path: "browser/shots/kept-template-desktop.png" });
  await synced(page);
  await page.reload();
  await page.getByTestId("kept-template").getByText("河湖巡查").click();
  await page.getByTestId("board-name").fill("城区河道巡查");
  await page.getByRole("button", { name: "开始" }).click();
  await page.getByPlaceholder("新增一行").fill("一号断面");
  await page.getByRole("button", { name: "添加" }).click();
  await page.getByText("一号断面").click();
  await page.getByTestId("move").click();
  await confirm(page);
  await expect(page.getByTestId("state")).toHaveText("已巡查");
  await synced(page);
  const other = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await signIn(other, server.one.address, "hailar");
  await synced(other);
  await other.goto(`${server.one.address}/new`);
  await expect(other.getByTestId("kept-template")).toContainText("河湖巡查");
  await expect(other.getByRole("button", { name: "移出模板库" })).toHaveCount(0);
});

test("a board opened by its address, before anything is on the device, has all its views", async ({ page, browser }) => {
  await signIn(page, server.one.address);
  await synced(page);
  const board = await page.getByRole("link", { name: "惠企政策库" }).first().getAttribute("href");
  const cold = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await signIn(cold, server.one.address);
  await cold.goto(server.one.address + board);
  await expect(cold.getByRole("link", { name: "看板" })).toBeVisible({ timeout: 20_000 });
  await expect(cold.getByText("施行").first()).toBeVisible();
});

// A unit's work over the year: its ledger over all boards, rounds, a newer edition of a document, templates
// that everybody may use.
import { confirm } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { edit } from "./plan.mjs";
import { Server, openFirstItem, signIn, synced } from "./server.mjs";

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
  await expect(lines).toHaveCount(8);
  await expect(lines.filter({ hasText: "3500" })).toHaveCount(2);
  await expect(page.getByTestId("chosen")).toHaveText("采用 8 处，略过 0 处");
  await expect(lines.filter({ hasText: "盘活闲置" }).locator("ins")).toHaveText("厂房和");
  // Nothing is made anew, and one act is the page's.
  await expect(page.getByTestId("accept")).toHaveCount(0);
  await expect(page.locator("main .button--main:visible")).toHaveCount(1);
  await noViolations(page, "compare");
  await page.screenshot({ path: "browser/shots/compare-desktop.png", fullPage: true });
  // All but the target.
  await lines.filter({ hasText: "指标值" }).getByRole("checkbox").uncheck();
  await page.getByTestId("take-differences").click();
  await expect(lines).toHaveCount(1);
  await expect(lines).toContainText("3500");
  // It is the common edition from now on: what was left aside is not offered again.
  await expect(lines.getByRole("checkbox")).not.toBeChecked();
  await expect(page.getByText("新文件没有变化；本地修改 1 处，全部保留")).toBeVisible();
  await page.goto(server.one.address + board);
  await expect(page.getByTestId("item")).toHaveCount(3);
  await expect(page.getByTestId("item").nth(1)).toContainText("发展智慧养老");
  await expect(page.getByTestId("item").nth(0)).toContainText("市自然资源局");
  await expect(page.getByTestId("item").nth(0)).not.toContainText("市财政局");
  await page.getByTestId("item").nth(0).getByRole("link").click();
  await expect(page.getByTestId("wording")).toHaveText(/盘活闲置厂房和房屋/);
  await synced(page);
  await page.goto(`${server.one.address}${board}/indicators`);
  await expect(page.getByText("3000")).not.toHaveCount(0);

  // A third edition changes one headline: only that is ticked, whatever was changed here.
  await page.goto(`${server.one.address}${board}`);
  await page.getByTestId("item").nth(0).getByRole("link").click();
  await edit(page);
  await page.getByLabel("内容").fill("新建养老机构，盘活闲置校舍。");
  await synced(page);
  await read(page, SECOND.replace("（三）提升质量", "（三）提高服务质量"));
  await expect(page.getByTestId("chosen")).toHaveText("采用 1 处，略过 0 处");
  await expect(lines.filter({ hasText: "校舍" })).toContainText("本地修改（保留）");
  await expect(lines.filter({ hasText: "校舍" }).getByRole("checkbox")).not.toBeChecked();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: "browser/shots/compare-phone.png", fullPage: true });
});

const DOUBTFUL = `某政办发〔2025〕31号

某市人民政府办公室关于印发文化旅游工作方案的通知

文化旅游工作方案

一、重点任务

（一）丰富产品供给。支持莫力达瓦达斡尔族自治县建设营地，开发线路。（责任单位：市文旅广

局、市财政局）

（二）扩大宣传。组织市场主体参加展会。（责任单位：市商务局，驻市企业）

（三）培训人才。每年举办培训班。（责任单位：市教育局）
`;

test("doubts are sentences with answers, the source stays in view, and what comes next is said", async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, server.one.address);
  await synced(page);
  await read(page, DOUBTFUL);
  const asked = page.getByTestId("question");
  const place = asked.filter({ hasText: "自治县”出现 1 处，单位字典里是“莫力达瓦达斡尔族自治旗”" });
  await expect(place).toHaveCount(1);
  await expect(asked.filter({ hasText: "市文旅广局”在原文中被换页断开" })).toHaveCount(1);
  await place.hover();
  await expect(page.locator("mark:visible")).toHaveText("莫力达瓦达斡尔族自治县");
  await place.getByRole("button", { name: "改为“莫力达瓦达斡尔族自治旗”（1 处）" }).click();
  await expect(place).toContainText("✓");
  // At the end of the result its words are in view in the source.
  await page.getByTestId("draft").getByText("培训人才").scrollIntoViewIfNeeded();
  await page.getByTestId("draft").getByText("培训人才").hover();
  await expect(page.locator("mark:visible")).toBeInViewport();
  await noViolations(page, "import with doubts");
  await page.screenshot({ path: "browser/shots/doubts-desktop.png" });
  await page.getByTestId("accept").click();
  await expect(page.getByTestId("accept")).toHaveCount(0);
  await expect(page.getByText("下一步：3 条举措没有期限 · 1 张清单未定稿")).toBeInViewport();
  // One date for several measures.
  await page.getByRole("button", { name: "批量设期限" }).click();
  await page.getByRole("button", { name: "全选" }).click();
  await page.getByTestId("batch-date").fill("2026-12-31");
  await page.getByTestId("set-deadlines").click();
  await expect(page.getByText("下一步：0 条举措没有期限")).toBeVisible();
  await synced(page);

  // A question without an answer waits on the board.
  await page.getByRole("link", { name: "打开" }).click();
  await openFirstItem(page);
  await expect(page.getByTestId("wording")).toHaveText(/^支持莫力达瓦达斡尔族自治旗建设营地/);
  await page.goBack();
  await page.getByTestId("open-doubts").locator("summary").click();
  const group = page.getByTestId("question").filter({ hasText: "驻市企业" });
  await group.getByRole("button", { name: "逐个列出成员…" }).click();
  await group.getByTestId("typed-answer").fill("甲公司、乙公司");
  await group.getByRole("button", { name: "确定" }).click();
  await expect(group).toHaveCount(0);
  await expect(page.getByTestId("item").nth(1)).toContainText("乙公司");
  await expect(page.getByTestId("item").nth(1)).not.toContainText("驻市企业");
  await synced(page);
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
  // The ledger of any unit has an address that can be sent and come back to (AC-37).
  await page.goto(`${server.one.address}/ledger`);
  await page.getByTestId("own-unit").selectOption({ label: "市教育局" });
  await expect(page).toHaveURL(/\/u\/u_/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("市教育局");
  await expect(page.getByTestId("own")).toContainText("京蒙协作“教育协作”");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("市教育局");
  await expect(page.getByTestId("own")).toContainText("京蒙协作“教育协作”");
  // A letter for those who owe the same, over all boards in three acts; nothing is on record before.
  await page.goto(server.one.address);
  await page.getByRole("link", { name: "催办" }).first().click();
  await expect(page.getByTestId("debtor").first()).toBeVisible();
  const units = await page.getByTestId("debtor").count();
  const letters = await page.getByTestId("letter").count();
  expect(letters).toBeGreaterThan(0);
  expect(letters).toBeLessThan(units);
  await noViolations(page, "remind");
  await page.screenshot({ path: "browser/shots/remind-desktop.png" });
  await page.getByTestId("copy-reminders").click();
  await expect(page.getByText("催办文字已复制，可直接粘贴发送")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("三季度填报");
  await expect(page.getByText("今天已催办")).toHaveCount(0);
  await page.getByTestId("record-reminders").click();
  await expect(page.getByText(/催办文字已复制，已在 \d+ 条举措下留痕/)).toBeVisible();
  // A unit that was reminded is not chosen again by itself.
  await expect(page.getByText("今天已催办").first()).toBeVisible();
  await expect(page.getByTestId("letter")).toHaveCount(0);
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

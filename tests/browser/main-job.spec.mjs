// The main job: a document becomes boards, units edit them together, offline, and publish.
import { confirm } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { go } from "./go.mjs";
import { noViolations } from "./axe.mjs";
import { policyHeld, watchPolicy } from "./policy.mjs";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { edit, draftAgain, settle } from "./plan.mjs";
import { Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

// A document of our own, in the form of the real ones.
const DOCUMENT = `某政办发〔2025〕12号 2025年3月1日

某市人民政府办公室关于印发两张举措清单的通知

各旗市区人民政府，市直有关部门：

现将清单印发给你们，请认真贯彻落实。

京蒙协作“医疗协作”举措清单

一、目标任务

到2026年，争取4家医疗机构与北京建立协作关系，远程会诊不少于200例。

二、实施期限

2025年—2027年

三、具体举措

（一）拓展专科协作。结合本地需求确定重点专科。（责任单位：市卫健委，海拉尔区人民政府）

（二）开展远程医疗。建立会诊和双向转诊制度。（责任单位：市卫健委、财政局，各旗市区人民政府）

京蒙协作“科技协作”举措清单

一、目标任务

到2026年，共建创新平台达到6家。

二、具体举措

（一）组建创新联合体。围绕重点产业提出需求。（责任单位：市科技局、工信局）
`;

const server = {};

test.beforeEach(async () => {
  server.one = await Server.start();
});

test.afterEach(async () => {
  await server.one.end();
});

async function importText(page, text) {
  await page.goto(`${server.one.address}/import`);
  await page.getByTestId("source").fill(text);
  await page.getByTestId("read").click();
}

test("a pasted document becomes boards, and the same one never twice", async ({ page }) => {
  await signIn(page, server.one.address);
  await synced(page);
  const before = await page.locator(".card").count();
  await importText(page, DOCUMENT);
  await expect(page.getByTestId("draft")).toHaveCount(2);
  await page.getByTestId("accept").click();
  await expect(page.getByText("已建立")).toHaveCount(2);
  await synced(page);
  await importText(page, DOCUMENT);
  await expect(page.getByText("已导入过，没有变化")).toHaveCount(2);
  await expect(page.getByTestId("accept")).toHaveCount(0);
  await page.goto(server.one.address);
  // Two of the demonstration, two of this document; the others of the demonstration beside them.
  await expect(page.locator(".card")).toHaveCount(before + 2);
  await page.getByRole("link", { name: "京蒙协作“医疗协作”举措清单" }).click();
  await expect(page.getByTestId("item")).toHaveCount(2);
  await expect(page.locator(".chip", { hasText: "市财政局" })).toHaveCount(1);
  await page.getByRole("link", { name: "指标" }).click();
  await expect(page.getByText("到 2026 年 不少于 200 例")).toBeVisible();
});

test("two people edit apart without a network; nothing is lost, and the history names both", async ({ browser }) => {
  const [one, other] = [await browser.newContext(), await browser.newContext()];
  const [office, banner] = [await one.newPage(), await other.newPage()];
  await signIn(office, server.one.address);
  await signIn(banner, server.one.address, "hailar");
  await synced(office);
  await synced(banner);
  for (const page of [office, banner]) {
    await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).click();
    await openFirstItem(page);
    await edit(page);
  }
  // The network is gone because the server is.
  await server.one.down("SIGKILL");
  await expect(office.getByTestId("badge")).toHaveAttribute("data-state", "offline", { timeout: 20_000 });
  await expect(banner.getByTestId("badge")).toHaveAttribute("data-state", "offline", { timeout: 20_000 });

  const text = await office.getByLabel("内容").inputValue();
  await office.getByLabel("内容").fill(`市里补充：先定名单。${text}`);
  await banner.getByLabel("内容").fill(`${text}海拉尔补充：已对接两所学校。`);
  await office.getByTestId("item").nth(1).getByRole("link").click();
  await edit(office);
  await office.getByLabel("标题", { exact: true }).fill("开展跟岗学习和回访");
  await office.getByLabel("标题", { exact: true }).press("Tab");
  await banner.getByLabel("写一条进展").fill("与西城区两所学校签了意向书");
  await banner.getByRole("button", { name: "保存" }).click();
  await expect(office.getByTestId("badge")).toHaveAttribute("data-state", "waiting");
  await expect(banner.getByTestId("badge")).toContainText("已存本机");

  // One of them closes the browser's page and opens it again, still without a server.
  const address = banner.url();
  await banner.close();
  const again = await other.newPage();
  await again.goto(address);
  await expect(again.getByTestId("wording")).toContainText("海拉尔补充", { timeout: 20_000 });
  await expect(again.getByText("与西城区两所学校签了意向书")).toBeVisible();
  await expect(again.getByTestId("badge")).toHaveAttribute("data-state", "waiting");

  await server.one.up();
  await synced(office);
  await synced(again);
  await openFirstItem(office);
  for (const page of [office, again]) {
    await expect(page.getByTestId("wording")).toHaveText(/^市里补充：先定名单。.*海拉尔补充：已对接两所学校。$/);
    await expect(page.getByText("与西城区两所学校签了意向书")).toBeVisible();
    await expect(page.getByTestId("item").nth(1)).toContainText("开展跟岗学习和回访");
  }
  await office.getByRole("link", { name: "历史" }).click();
  await expect(office.locator(".history")).toContainText("市政府办");
  await expect(office.locator(".history")).toContainText("海拉尔区人民政府");
});

test("two headlines written apart are both shown until one is chosen", async ({ browser }) => {
  const [office, banner] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(office, server.one.address);
  await signIn(banner, server.one.address, "hailar");
  for (const page of [office, banner]) {
    await synced(page);
    await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).click();
    await openFirstItem(page);
    await edit(page);
  }
  await server.one.down("SIGKILL");
  for (const [page, title] of [[office, "市里的题目"], [banner, "海拉尔的题目"]]) {
    await expect(page.getByTestId("badge")).toHaveAttribute("data-state", "offline", { timeout: 20_000 });
    await page.getByLabel("标题", { exact: true }).fill(title);
    await page.getByLabel("标题", { exact: true }).press("Tab");
    await expect(page.getByTestId("badge")).toHaveAttribute("data-state", "waiting");
  }
  await server.one.up();
  for (const page of [office, banner]) {
    await synced(page);
    await expect(page.getByTestId("clash").getByRole("button")).toHaveText(["采用甲", "采用乙", "都保留"]);
  }
  // Under 需处理: field, both values, who and when, what stood there, what the public sees.
  const words = await office.getByLabel("标题", { exact: true }).inputValue();
  await office.getByRole("link", { name: "需处理" }).click();
  const card = office.getByTestId("clash");
  for (const told of ["标题", "两处填写不一致", "甲 市里的题目", "乙 海拉尔的题目", "市政府办", "海拉尔区人民政府", "原来：建立结对关系", "尚未公布"]) {
    await expect(card).toContainText(told);
  }
  await office.goBack();
  await edit(office);
  // Typing over it asks first, and writes nothing by itself.
  await office.getByLabel("标题", { exact: true }).fill("第三个题目");
  await office.getByLabel("标题", { exact: true }).press("Tab");
  const ask = office.getByTestId("ask-clash");
  await expect(ask).toContainText("第三个题目");
  await ask.getByRole("button", { name: "取消" }).click();
  await expect(office.getByLabel("标题", { exact: true })).toHaveValue(words);
  await expect(office.getByTestId("clash")).toHaveCount(1);
  await office.getByTestId("clash").getByRole("listitem").filter({ hasText: "市里的题目" }).getByRole("button").click();
  for (const page of [office, banner]) {
    await expect(page.getByTestId("clash")).toHaveCount(0);
    await expect(page.getByTestId("item").first()).toContainText("市里的题目");
  }
  // The unit whose title was not chosen is told on its desk; whoever chose is not.
  for (const page of [office, banner]) await page.getByRole("link", { name: "工作台" }).click();
  await expect(banner.getByTestId("told-lost")).toContainText("海拉尔的题目");
  await expect(banner.getByTestId("told-lost")).toContainText("现为 市里的题目");
  await expect(office.getByTestId("told-lost")).toHaveCount(0);
});

test("close-out is asked, returned with a reason, asked again and accepted", async ({ browser }) => {
  const [office, banner] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(office, server.one.address);
  await signIn(banner, server.one.address, "hailar");
  for (const page of [office, banner]) {
    await synced(page);
    await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).click();
    await openFirstItem(page);
  }
  const part = (page) => page.getByTestId("part").filter({ hasText: "海拉尔区人民政府" });
  await expect(part(banner).getByRole("button", { name: "同意销号" })).toHaveCount(0);
  await part(banner).getByRole("button", { name: "申请销号" }).click();
  await confirm(banner, "三所学校已结对");
  await part(office).getByRole("button", { name: "退回" }).click();
  await confirm(office, "缺少协议扫描件");
  await expect(part(banner)).toContainText("退回");
  await expect(banner.getByTestId("returned")).toContainText("缺少协议扫描件");
  await part(banner).getByRole("button", { name: "申请销号" }).click();
  await confirm(banner, "协议已补");
  await part(office).getByRole("button", { name: "同意销号" }).click();
  await confirm(office);
  for (const page of [office, banner]) {
    await expect(part(page)).toContainText("已销号");
    await expect(page.getByTestId("item").first()).toContainText("已销号 1 个，共 3 个单位");
  }
});

test("two tabs of one browser share one replica and one connection", async ({ context }) => {
  const first = await context.newPage();
  await signIn(first, server.one.address);
  await synced(first);
  const second = await context.newPage();
  await second.goto(server.one.address);
  await openBoard(second);
  await openFirstItem(second);
  await first.goto(second.url());
  await edit(second);
  await second.getByLabel("标题", { exact: true }).fill("丰富产品供给和包装");
  await second.getByLabel("标题", { exact: true }).press("Tab");
  await expect(first.getByTestId("item").first()).toContainText("丰富产品供给和包装");
  await synced(second);
  // The tab that leads goes; the other takes over.
  await first.close();
  await second.getByLabel("标题", { exact: true }).fill("丰富产品供给");
  await second.getByLabel("标题", { exact: true }).press("Tab");
  await synced(second);
});

test("the public page shows what was published and nothing else", async ({ page, request }) => {
  await signIn(page, server.one.address);
  await synced(page);
  await openBoard(page);
  await settle(page);
  await page.getByRole("button", { name: "发布", exact: true }).click();
  await page.getByTestId("confirm-publish").click();
  const link = page.getByRole("link", { name: /公开页/ });
  const path = (await link.getAttribute("href")).replace(/\/1$/, "");
  await draftAgain(page);
  await openFirstItem(page);
  await edit(page);
  await page.getByLabel("标题", { exact: true }).fill("尚未公布的标题");
  await page.getByLabel("标题", { exact: true }).press("Tab");
  await synced(page);
  const html = await (await request.get(server.one.address + path)).text();
  expect(html).toContain("丰富产品供给");
  expect(html).toContain("暂无数据");
  expect(html).toContain("第 1 版");
  expect(html).not.toContain("尚未公布的标题");
  expect(html).not.toContain("办公室值班");
  expect(html).not.toContain("<script");
  expect(html.length).toBeLessThan(50_000);
  const answer = await request.get(`${server.one.address}${path}`);
  const same = await request.get(`${server.one.address}${path}`, { headers: { "if-none-match": answer.headers().etag } });
  expect(same.status()).toBe(304);
  expect(await (await request.get(`${server.one.address}${path}.csv`)).text()).toContain("丰富产品供给");
  expect((await (await request.get(`${server.one.address}${path}.json`)).json()).edition).toBe(1);
  expect(await (await request.get(`${server.one.address}${path}.atom`)).text()).toContain("<feed");
  await page.goto(server.one.address + path);
  await noViolations(page, "public page");
  await page.goto(server.one.address + path.split("/").slice(0, 3).join("/"));
  await expect(page.getByRole("link", { name: /消费帮扶/ })).toBeVisible();
  await noViolations(page, "public list");
});

test("a card moves by keyboard and by pointer", async ({ page }) => {
  await signIn(page, server.one.address, "hailar");
  await synced(page);
  await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).click();
  await page.getByRole("link", { name: "看板" }).click();
  const cards = (column) => page.locator(`[data-column="${column}"]`).getByTestId("kcard");
  const before = await cards(0).count();
  await cards(0).first().getByRole("button").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await confirm(page);
  await expect(cards(1)).toHaveCount(1);
  await expect(cards(0)).toHaveCount(before - 1);
  const [from, to] = [await cards(1).first().getByRole("button").boundingBox(), await page.locator('[data-column="2"]').boundingBox()];
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 40, to.y + 60, { steps: 8 });
  await page.mouse.up();
  await confirm(page, "已全部完成");
  await expect(cards(2)).toHaveCount(1);
});

test("a phone reports in three taps without a network", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await signIn(page, server.one.address, "hailar");
  await synced(page);
  await server.one.down("SIGKILL");
  await page.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "填报" }).click();
  await page.getByTestId("report-item").first().click();
  await page.getByTestId("report-body").fill("入户走访三家合作社");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.locator("main form").getByText("已存本机")).toBeVisible();
  await page.reload();
  await expect(page.getByTestId("badge")).toHaveAttribute("data-state", "waiting", { timeout: 20_000 });
  await server.one.up();
  await synced(page);
});

function everyPage(name, viewport) {
  return async ({ browser, guard }) => {
    // An invitation that nobody has made.
    guard.expects(/^answer: 404 GET \/api\/invitations\/0123$/);
    // Fourteen pages, each read by axe.
    test.setTimeout(240_000);
    const page = await (await browser.newContext({ viewport, locale: "zh-CN" })).newPage();
    await watchPolicy(page);
    await page.goto(server.one.address);
    await page.getByRole("button", { name: "登录" }).waitFor();
    await noViolations(page, `sign-in, ${name}`);
    await page.screenshot({ path: `browser/shots/sign-in-${name}.png` });
    await signIn(page, server.one.address);
    await synced(page);
    const board = await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).getAttribute("href");
    const unit = await page.evaluate(async () => (await (await fetch("/api/session")).json()).unit);
    const pages = { desk: "/", list: board, kanban: `${board}/kanban`, indicators: `${board}/indicators`, history: `${board}/history`, report: "/report", import: "/import", new: "/new", attention: "/attention", oversight: "/oversight", instructions: `${board}/instructions`, own: "/ledger", unit: `/u/${unit}`, remind: "/remind", device: "/device", units: "/units", audit: "/audit", join: "/join/0123", "not-found": "/nowhere" };
    // A new address of the app must be added here.
    const source = readFileSync("../app/src/app.rs", "utf8");
    for (const [, route] of source.matchAll(/path!\("([^"]+)"\)/g)) {
      const form = new RegExp(`^${route.replace(/:[a-z]+/g, "[^/]+")}$`);
      expect(Object.values(pages).some((path) => form.test(path)), `${route} is looked at`).toBe(true);
    }
    // By its address on one screen, from page to page as links do on the other.
    const open = name === "phone" ? (address) => go(page, address) : (address) => page.goto(address);
    for (const [title, path] of Object.entries(pages)) {
      await open(server.one.address + path);
      await page.locator("main h1").first().waitFor();
      await synced(page);
      if (title === "import") {
        await page.getByTestId("source").fill(DOCUMENT);
        await page.getByTestId("read").click();
      }
      await noViolations(page, `${title}, ${name}`);
      await policyHeld(page, `${title}, ${name}`);
      await page.screenshot({ path: `browser/shots/${title}-${name}.png` });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(wide, `${title} scrolls sideways on a ${name}`).toBeLessThanOrEqual(0);
    }
    await page.goto(server.one.address + board);
    await openFirstItem(page);
    await edit(page);
    await noViolations(page, `panel, ${name}`);
    await page.screenshot({ path: `browser/shots/panel-${name}.png` });
  };
}

test("every page passes axe on a desktop, and its screenshot is kept", everyPage("desktop", { width: 1366, height: 768 }));
test("every page passes axe on a phone, and its screenshot is kept", everyPage("phone", { width: 390, height: 844 }));

const SEEDS = "../../shared/seeds";

test("the first seed gives the notice and its six boards", async ({ page }) => {
  test.info().annotations.push({ type: "needs", description: SEEDS });
  if (!existsSync(SEEDS)) {
    console.log(`    left out: ${SEEDS} is not here`);
    return;
  }
  await signIn(page, server.one.address);
  await synced(page);
  const before = await page.locator(".card").count();
  const seed = readdirSync(SEEDS).find((name) => name.startsWith("000"));
  await importText(page, readFileSync(`${SEEDS}/${seed}`, "utf8"));
  await expect(page.getByTestId("draft")).toHaveCount(7);
  await page.getByTestId("accept").click();
  await expect(page.getByText("已建立")).toHaveCount(7);
  await synced(page);
  await page.goto(server.one.address);
  await expect(page.locator(".card")).toHaveCount(before + 7);
});

test("a board of a template: begun, filled and moved without a network, then seen by another", async ({ page, browser }) => {
  await signIn(page, server.one.address);
  await synced(page);
  await page.getByRole("link", { name: "新建清单" }).click();
  await page.getByText("对口协作", { exact: true }).click();
  await page.getByTestId("board-name").fill("医院对口协作");
  await noViolations(page, "new board");
  await server.one.down();
  await page.getByRole("button", { name: "开始" }).click();
  await expect(page.getByRole("heading", { name: "医院对口协作" })).toBeVisible();
  await page.getByPlaceholder("新增一行").fill("康复科协作");
  await page.getByRole("button", { name: "添加" }).click();
  await page.getByText("康复科协作").click();
  await expect(page.getByTestId("state")).toHaveText("意向");

  // A move that lacks a field says what, and counts once it is there.
  const agree = page.getByTestId("move").filter({ hasText: "已签约" });
  await expect(agree).toBeDisabled();
  await expect(page.getByText("还缺 协议日期")).toBeVisible();
  await page.getByLabel("协议日期").fill("2025-03-01");
  await agree.click();
  await confirm(page);
  await expect(page.getByTestId("state")).toHaveText("已签约");
  await page.getByLabel("目标层级").selectOption("city");
  await noViolations(page, "typed item");
  await page.screenshot({ path: "browser/shots/typed-item-desktop.png" });

  await server.one.up();
  await synced(page);
  const other = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await signIn(other, server.one.address);
  await synced(other);
  await other.getByRole("link", { name: "医院对口协作" }).click();
  await other.getByText("康复科协作").click();
  await expect(other.getByTestId("state")).toHaveText("已签约");
  await expect(other.getByLabel("目标层级")).toHaveValue("city");
});

test("a template of one's own comes from a file, and a wrong file is told by line", async ({ page }) => {
  const template = (to) => [
    'id = "seedlings"', "version = 1", 'name = ["苗木认养", "苗木認養", "Adopted trees"]',
    'purpose = ["登记认养的苗木", "登記認養的苗木", "Trees and who looks after them"]', 'views = ["list"]',
    "[[item]]", 'id = "tree"', 'name = ["苗木", "苗木", "Tree"]',
    'field = [{ id = "height", name = ["高度", "高度", "Height"], kind = "number" }]',
    'state = [{ id = "free", name = ["待认养", "待認養", "Free"] }, { id = "adopted", name = ["已认养", "已認養", "Adopted"], end = true }]',
    `move = [{ from = ["free"], to = "${to}", who = "anybody", needs = [{ field = "height" }] }]`,
  ].join("\n");
  const file = (to) => ({ name: "seedlings.toml", mimeType: "application/toml", buffer: Buffer.from(template(to)) });
  await signIn(page, server.one.address);
  await synced(page);
  await page.goto(`${server.one.address}/new`);
  await page.getByTestId("template-file").setInputFiles(file("gone"));
  await expect(page.getByRole("alert").filter({ hasText: "第 11 行" })).toContainText("没有这个状态：gone");
  await page.getByTestId("template-file").setInputFiles(file("adopted"));
  await expect(page.getByTestId("own-template")).toContainText("苗木认养");
  await page.getByTestId("board-name").fill("街心公园苗木");
  await page.getByRole("button", { name: "开始" }).click();
  await page.getByPlaceholder("新增一行").fill("一号樟子松");
  await page.getByRole("button", { name: "添加" }).click();
  await page.getByText("一号樟子松").click();
  await page.getByLabel("高度").fill("约三米");
  await page.getByLabel("高度").press("Tab");
  await expect(page.getByText("请填写数字，如 12 或 3.5")).toBeVisible();
  await page.getByLabel("高度").fill("3.2");
  await page.getByLabel("高度").press("Tab");
  await page.getByTestId("move").click();
  await confirm(page);
  await expect(page.getByTestId("state")).toHaveText("已认养");
  await synced(page);
  await page.reload();
  await expect(page.getByTestId("state")).toHaveText("已认养");
});

// Failures tell themselves: a panic, an error that nobody waits for, an act that did not succeed, and
// a browser or an address that does not give what the app uses.
import { expect, test } from "./guard.mjs";
import { chromium } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

let server;
test.beforeAll(async () => { server = await Server.start(); });
test.afterAll(async () => { await server.end(); });

// A page where the browser does not do a thing that the app's library relies on: a real panic.
async function panic(page) {
  await page.evaluate(() => {
    Node.prototype.cloneNode = () => { throw new Error("broken by the test"); };
  });
  await page.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "单位与人员" }).click();
  await page.locator("#panic").waitFor({ state: "visible" });
}

test("a panic tells message, place, version and steps; it can be copied and read later, and is not sent", async ({ browser, guard }) => {
  guard.expects(/panicked at|unreachable|RuntimeError|broken by the test/, /^panic: /);
  const context = await browser.newContext();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  await signIn(page, server.address);
  await synced(page);
  await page.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "导入" }).click();
  await page.getByTestId("source").fill("不能出现在报告里的话");
  await page.getByTestId("read").click();
  const sent = [];
  page.on("request", (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ""}`));
  await panic(page);
  await page.locator("#panic summary").click();
  const report = page.locator("#panic-report");
  await expect(report).toContainText("broken by the test");
  await expect(report).toContainText(/位置：\S+\.rs:\d+/);
  await expect(report).toContainText(/版本：\d+\.\d+\.\d+ [0-9a-f]{8,}/);
  await expect(report).toContainText(/打开 \/import[\s\S]*按下 识别[\s\S]*按下 \/units/);
  const text = await report.textContent();
  expect(text).not.toContain("不能出现");
  await page.getByRole("button", { name: "复制错误信息" }).click();
  await expect(page.locator("#panic-copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  expect(sent.filter((one) => one.includes("broken"))).toEqual([]);
  expect(sent.filter((one) => !one.startsWith("GET"))).toEqual([]);
  // Read again after reopening, and cleared.
  await page.goto(`${server.address}/device`);
  const kept = page.getByTestId("faults");
  await expect(kept.locator("pre")).toHaveText(text);
  await kept.getByRole("button", { name: "复制错误信息" }).click();
  await expect(page.locator(".notice")).toContainText("已复制");
  await kept.getByRole("button", { name: "清除错误记录" }).click();
  await expect(kept).toHaveCount(0);
  await page.reload();
  await page.getByRole("heading", { name: "本机" }).waitFor();
  await expect(kept).toHaveCount(0);
  await context.close();
});

test("nothing stands over the notice of a panic", async ({ browser, guard }) => {
  guard.expects(/panicked at|unreachable|RuntimeError|broken by the test/, /^panic: /);
  const shows = async (page) => {
    await page.evaluate(() => { Node.prototype.cloneNode = () => { throw new Error("broken by the test"); }; });
    await page.evaluate(() => {
      history.pushState({}, "", "/units");
      dispatchEvent(new PopStateEvent("popstate"));
    });
    await page.locator("#panic").waitFor({ state: "visible" });
    // It can be pressed: an open question would keep everything else from that.
    await page.locator("#panic summary").click();
    await page.getByRole("button", { name: "复制错误信息" }).click();
  };
  const opened = async () => {
    const context = await browser.newContext();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    await signIn(page, server.address);
    await synced(page);
    await openBoard(page);
    await page.getByTestId("item").first().waitFor();
    return page;
  };
  const asked = await opened();
  await openFirstItem(asked);
  await asked.getByRole("button", { name: "不再执行" }).click();
  await expect(asked.locator("dialog[open]")).toBeVisible();
  await shows(asked);
  await expect(asked.locator("dialog[open]")).toHaveCount(0);
  await asked.context().close();
  const whole = await opened();
  await whole.getByRole("link", { name: "会议模式" }).click();
  await whole.getByRole("button", { name: "全屏" }).click();
  await expect.poll(() => whole.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  await shows(whole);
  expect(await whole.evaluate(() => document.fullscreenElement)).toBeNull();
  await whole.context().close();
});

test("an error that nobody waits for is told and kept, and the app goes on", async ({ page, guard }) => {
  guard.expects(/lost promise/);
  await signIn(page, server.address);
  await synced(page);
  await page.evaluate(() => { Promise.reject(new Error("lost promise")); });
  await expect(page.locator(".notice")).toContainText("没有做成");
  await page.goto(`${server.address}/device`);
  await expect(page.getByTestId("faults")).toContainText("lost promise");
  await expect(page.locator("#panic")).toBeHidden();
});

test("failed acts in 单位与人员 tell a sentence", async ({ page, context, guard }) => {
  guard.expects(/^answer: 4\d\d (POST|PUT|PATCH|DELETE) \/api\//);
  await signIn(page, server.address);
  await synced(page);
  await page.goto(`${server.address}/units`);
  const row = page.locator("li").filter({ has: page.getByText(/^hailar · /) });
  await row.waitFor();
  const told = page.locator(".notice");
  const close = async () => {
    await told.getByRole("button", { name: "关闭" }).click();
    await expect(told).not.toContainText(/\S/);
  };
  // The server refuses.
  await page.route(/\/api\//, (route) => route.request().method() === "GET" ? route.continue()
    : route.fulfill({ status: 400, contentType: "text/plain", body: "服务器不同意这一步" }));
  await row.getByRole("button", { name: "重设密码" }).click();
  await expect(told).toContainText(/\S/);
  await close();
  await row.getByLabel("角色").selectOption({ index: 1 });
  await expect(told).toContainText(/\S/);
  await close();
  await page.unroute(/\/api\//);
  // The network has gone.
  await context.setOffline(true);
  await row.getByRole("button", { name: "重设密码" }).click();
  await expect(told).toContainText(/\S/);
  await expect(page.locator("#panic")).toBeHidden();
});

const NOTICE = `某市人民政府办公室关于印发清单的通知

一、目标任务

二、具体举措

（一）开展联合教研。每学期商定主题。（责任单位：市教育局）

（二）共建资源目录。整理课例。（责任单位：市教育局）
`;

// One document or table of each kind, with the words that its draft must hold; the app writes the
// office files itself, and the browser prints the PDF.
async function filesOfEachKind(page, browser) {
  const saved = async (name) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFile(await file.path());
  };
  await openBoard(page);
  await page.getByText("公文与图表").click();
  const paper = await saved("进展通报");
  await page.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "台账" }).click();
  await page.getByRole("heading", { name: /台账/ }).first().waitFor();
  const book = await saved("Excel 表格");
  const printer = await browser.newPage();
  await printer.setContent(`<meta charset="utf-8">${NOTICE.split("\n\n").map((line) => `<p>${line}</p>`).join("")}`);
  const print = await printer.pdf();
  await printer.close();
  return {
    "通知.txt": [Buffer.from(NOTICE), "联合教研"],
    "清单.csv": [Buffer.from("序号,举措,责任单位\n1,开展课例展示,市教育局\n2,共建题库,市教育局\n"), "课例展示"],
    "通报.docx": [paper, /\S/],
    "台账.xlsx": [book, /\S/],
    "通知.pdf": [print, "联合教研"],
  };
}

test("a .txt, .docx, .xlsx, .csv and .pdf give drafts by the button", async ({ page, browser }) => {
  await signIn(page, server.address, "hailar");
  await synced(page);
  const files = await filesOfEachKind(page, browser);
  for (const [name, [buffer, words]] of Object.entries(files)) {
    await page.goto(`${server.address}/import`);
    await expect(page.getByTestId("draft"), name).toHaveCount(0);
    const file = { name, mimeType: "application/octet-stream", buffer };
    await page.locator("input[type=file]").first().setInputFiles(file);
    await expect(page.getByTestId("draft").first(), name).toContainText(words);
    await expect(page.locator("#panic"), name).toBeHidden();
  }
});

// The things a browser may lack, by what is taken away before the app starts, and the sentence that is said.
const LACKS = {
  剪贴板: [() => { delete Navigator.prototype.clipboard; }, /剪贴板/],
  Locks: [() => { delete Navigator.prototype.locks; }, /只开一个标签页/],
  BroadcastChannel: [() => { delete window.BroadcastChannel; }, /只开一个标签页/],
  worker: [() => { delete Navigator.prototype.serviceWorker; }, /不让本页离线打开/],
};

test("what a browser lacks is said in words, and the app works on", async ({ browser }) => {
  for (const [name, [take, sentence]] of Object.entries(LACKS)) {
    const context = await browser.newContext();
    await context.addInitScript(take);
    const page = await context.newPage();
    await signIn(page, server.address);
    await synced(page);
    await page.goto(`${server.address}/device`);
    await expect(page.getByTestId("lacks"), name).toContainText(sentence);
    await expect(page.getByTestId("lacks").locator("li"), name).toHaveCount(1);
    await context.close();
  }
});

test("a browser that lacks nothing is told nothing", async ({ page }) => {
  await signIn(page, server.address);
  await synced(page);
  await page.goto(`${server.address}/device`);
  await page.getByRole("heading", { name: "本机" }).waitFor();
  await expect(page.getByTestId("lacks")).toHaveCount(0);
  await expect(page.getByTestId("cannot-keep")).toHaveCount(0);
});

test("storage that cannot open is told before anything is written", async ({ browser, guard }) => {
  guard.expects(/^console: .*storage/i);
  const failing = [
    () => { IDBFactory.prototype.open = () => { throw new DOMException("blocked", "SecurityError"); }; },
    () => { Object.defineProperty(window, "indexedDB", { value: undefined }); },
  ];
  for (const take of failing) {
    const context = await browser.newContext();
    await context.addInitScript(take);
    const page = await context.newPage();
    await page.goto(server.address);
    await expect(page.getByTestId("cannot-keep")).toContainText("请先不要填写");
    await expect(page.locator("#panic")).toBeHidden();
    await context.close();
  }
});

test("an address without https says that it does not open offline, and copies all the same", async ({ guard }) => {
  const apart = await chromium.launch({
    executablePath: process.env.TONGBAN_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--host-resolver-rules=MAP tongban.test 127.0.0.1"],
  });
  const context = await apart.newContext({ locale: "zh-CN" });
  guard.watch(context);
  const page = await context.newPage();
  const address = `http://tongban.test:${server.port}`;
  await page.goto(address);
  expect(await page.evaluate(() => [window.isSecureContext, navigator.clipboard === undefined])).toEqual([false, true]);
  await expect(page.getByTestId("lacks")).toContainText("向管理员要 https 地址");
  await signIn(page, address);
  await synced(page);
  await page.goto(`${address}/remind`);
  await page.getByTestId("copy-reminders").click();
  await expect(page.locator(".notice")).toContainText("催办文字已复制，可直接粘贴发送");
  await page.goto(`${address}/device`);
  await expect(page.getByTestId("lacks").locator("li")).toHaveCount(2);
  await expect(page.getByTestId("faults")).toHaveCount(0);
  await apart.close();
});

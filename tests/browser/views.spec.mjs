// Every view of every board of the demonstration, on a desktop and on a phone; the ledger is
// written by keyboard and by paste.
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { go } from "./go.mjs";
import { Server, signIn, synced } from "./server.mjs";
import { fits, saysNoForeignWord } from "./screen.mjs";

const SCREENS = { desktop: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };

let server;
test.beforeAll(async () => { server = await Server.start(); });
test.afterAll(async () => { await server.end(); });

async function boards(page) {
  await signIn(page, server.address);
  await synced(page);
  const links = await page.locator("a[href^='/b/b_']").evaluateAll((all) =>
    all.map((link) => [link.textContent.trim(), link.getAttribute("href").split("?")[0]]));
  return Object.fromEntries(links.filter(([, href]) => /^\/b\/b_[a-z0-9]+$/.test(href)));
}

async function openBoard(page, title) {
  const all = await boards(page);
  const found = Object.entries(all).find(([name]) => name.includes(title));
  expect(found, `${title} among ${Object.keys(all)}`).toBeTruthy();
  return server.address + found[1];
}

// One view at every width of its screen.
async function looksRight(page, screen, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide, `${name} scrolls sideways on a ${screen}`).toBeLessThanOrEqual(0);
  for (const width of screen === "phone" ? [360] : [768, 1024]) await fits(page, width, name);
  await page.setViewportSize(SCREENS[screen]);
  await saysNoForeignWord(page, name);
}

test("every view of every board is drawn, fits the screen and keeps a screenshot", async ({ browser }) => {
  test.setTimeout(300_000);
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    const page = await (await browser.newContext({ viewport, locale: "zh-CN" })).newPage();
    const kinds = new Set();
    const all = Object.entries(await boards(page));
    expect(all.length).toBeGreaterThanOrEqual(13);
    for (const [title, href] of all) {
      await go(page, server.address + href);
      await page.locator(`.tabs a[href="${href}"]`).waitFor();
      const views = await page.locator(".tabs a").evaluateAll((links) =>
        links.map((link) => [link.textContent, link.getAttribute("href")]));
      for (const [word, view] of views) {
        // The first of each kind is loaded by its address and looked at closely.
        const first = !kinds.has(word);
        kinds.add(word);
        if (first) await page.goto(server.address + view);
        else await page.locator(`.tabs a[href="${view}"]`).click();
        await page.locator(`.tabs a[href="${view}"][aria-current=page]`).waitFor();
        const name = `${title} ${view.split("/")[3] ?? "first"}`;
        await looksRight(page, screen, name);
        if (!first) continue;
        await page.screenshot({ path: `browser/shots/views/${word.trim()}-${screen}.png` });
        await noViolations(page, `${name}, ${screen}`);
      }
    }
    expect(kinds.size, [...kinds].join(" ")).toBeGreaterThanOrEqual(12);
  }
});

test("a ledger is written by keyboard, pasted into, taken back, sorted and saved", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const board = await openBoard(page, "存量问题起底清理");
  await page.goto(board);
  await page.getByTestId("sheet").waitFor();
  const cell = (line, name) => page.evaluate(([line, name]) => {
    const heads = [...document.querySelectorAll(".sheet__head .sheet__cell")].map((head) => head.textContent.trim());
    return document.querySelector(`[data-cell="${line} ${heads.findIndex((head) => head.startsWith(name))}"]`)?.textContent;
  }, [line, name]);
  const click = async (line, name) => {
    const heads = await page.locator(".sheet__head .sheet__cell").allTextContents();
    const place = heads.findIndex((head) => head.trim().startsWith(name));
    await page.locator(`[data-cell="${line} ${place}"]`).click();
  };
  // A number by keyboard: typing begins, Enter goes down.
  await click(1, "已清");
  await page.keyboard.type("40");
  await page.keyboard.press("Enter");
  await expect.poll(() => cell(1, "已清")).toBe("40");
  // Cells that do not fit are told and change nothing.
  await click(2, "数量");
  await page.keyboard.type("三个");
  await page.keyboard.press("Enter");
  await expect(page.locator(".notice")).toContainText("数字");
  expect(await cell(2, "数量")).toBe("3");
  // Two lines from a spreadsheet program: a choice by its name, a number.
  await click(1, "类别");
  await page.evaluate(() => navigator.clipboard.writeText("半拉子工程\t7\n闲置资金\t8"));
  await page.keyboard.press("Control+v");
  await expect.poll(() => cell(1, "类别")).toBe("半拉子工程");
  expect(await cell(1, "数量")).toBe("7");
  expect([await cell(2, "类别"), await cell(2, "数量")]).toEqual(["闲置资金", "8"]);
  // All of the paste is one step.
  await page.keyboard.press("Control+z");
  await expect.poll(() => cell(2, "数量")).toBe("3");
  expect(await cell(1, "类别")).toBe("闲置土地");
  // Copied cells are rows and tabs.
  await click(1, "数量");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Control+c");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("96\t40");
  // Sorted by a click on the head.
  await page.getByRole("button", { name: "数量" }).click();
  await page.getByRole("button", { name: "数量" }).click();
  await expect.poll(() => cell(0, "数量")).toBe("420");
  await page.getByRole("group", { name: "台账" }).getByText("导出").click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
  expect(file.suggestedFilename()).toContain("存量问题");
  await synced(page);
});

test("a matrix opens what stands behind a light, and is saved as pictures", async ({ page }) => {
  const board = await openBoard(page, "重点项目四个一批");
  await page.goto(`${board}/matrix`);
  await page.getByTestId("matrix-across").selectOption({ label: "项目 × 审批手续" });
  const light = page.locator(".matrix__cell a").first();
  const label = await light.getAttribute("aria-label");
  expect(label).toMatch(/·.*：/);
  await page.getByText("导出").click();
  const [svg] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "SVG" }).click()]);
  expect(svg.suggestedFilename()).toMatch(/\.svg$/);
  // The menu closes after an act.
  await page.getByText("导出").click();
  const [png] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "PNG" }).click()]);
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(await png.path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(20_000);
  await light.click();
  await expect(page.locator(".panel")).toBeVisible();
});

test("a meeting goes through the items and keeps what was said", async ({ page }) => {
  const board = await openBoard(page, "重点项目四个一批");
  await page.goto(`${board}/meeting`);
  await expect(page.getByTestId("meeting")).toContainText("1 /");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("meeting")).toContainText("2 /");
  await page.getByTestId("new-instruction").getByLabel("批示", { exact: true }).fill("下周三前报送用地进展。");
  await page.getByTestId("new-instruction").getByLabel("批示", { exact: true }).press("Enter");
  await expect(page.locator(".meeting__card .lines").first()).toContainText("下周三前报送用地进展。");
  await synced(page);
});

test("office files go out and come in, without a network", async ({ page }) => {
  const board = await openBoard(page, "存量问题起底清理");
  await page.goto(board);
  await page.getByTestId("sheet").waitFor();
  await synced(page);
  // Once the worker is on the device nothing needs the server.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.getByTestId("sheet").waitFor();
  await synced(page);
  await server.down();
  await page.getByRole("group", { name: "台账" }).getByText("导出").click();
  const [book] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Excel 表格" }).click()]);
  expect(book.suggestedFilename()).toMatch(/\.xlsx$/);
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(await book.path());
  expect(bytes.subarray(0, 2).toString()).toBe("PK");
  // A file that went out changes nothing when it comes in.
  await page.getByTestId("intake-file").setInputFiles({ name: "台账.xlsx", mimeType: "application/octet-stream", buffer: bytes });
  await expect(page.getByTestId("intake")).toContainText("相同 4 · 有改动 0 · 新增 0");
  await page.getByTestId("intake").getByRole("button", { name: "取消" }).click();
  // A table of somebody else: a change, a new row, a wrong one.
  const table = "编号,名称,数量(亩),类别,备注\n,城区闲置土地,88,闲置土地,已核\n,新发现地块,5,闲置土地,\n,坏行,很多,闲置土地,\n";
  await page.getByTestId("intake-file").setInputFiles({ name: "核查.csv", mimeType: "text/csv", buffer: Buffer.from(table) });
  await expect(page.getByTestId("intake")).toContainText("相同 0 · 有改动 1 · 新增 1 · 有问题，不导入 1");
  await page.screenshot({ path: "browser/shots/intake-desktop.png" });
  await page.getByTestId("intake-apply").click();
  await expect(page.locator(".notice")).toContainText("2");
  await expect(page.getByText("新发现地块").first()).toBeVisible();
  // A report as a document; it is read in again by the import.
  await page.getByText("公文与图表").click();
  const [paper] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "进展通报" }).click()]);
  const document = await readFile(await paper.path());
  await page.goto(`${server.address}/import`);
  await page.locator("input[type=file]").setInputFiles({ name: "通报.docx", mimeType: "application/octet-stream", buffer: document });
  await expect.poll(() => page.getByTestId("source").inputValue(), { timeout: 20_000 }).toContain("一、总体情况");
  await expect(page.getByTestId("draft").first()).toBeVisible();
  // A wrong file is told in plain words.
  await page.locator("input[type=file]").setInputFiles({ name: "坏.docx", mimeType: "application/octet-stream", buffer: Buffer.from("x") });
  await expect(page.getByRole("alert").filter({ hasText: "损坏" })).toBeVisible({ timeout: 20_000 });
  await server.up();
  await synced(page);
});

// The panel of a measure: the daily work stands first, and the official words are read before they are edited.
import { expect, test } from "./guard.mjs";
import { edit } from "./plan.mjs";
import { Server, openFirstItem, signIn, synced } from "./server.mjs";

let server;
test.beforeAll(async () => { server = await Server.start(); });
test.afterAll(async () => { await server.end(); });

const SCREENS = [{ width: 1366, height: 768 }, { width: 390, height: 844 }];

test("progress and closing out stand in the first screen, and a touch on the words changes nothing", async ({ page }) => {
  await signIn(page, server.address, "hailar");
  await synced(page);
  await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).click();
  const list = page.url();
  const panel = page.locator(".panel");
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    await page.goto(list);
    await openFirstItem(page);
    await expect(panel.getByLabel("写一条进展")).toBeInViewport();
    await expect(panel.getByRole("button", { name: "申请销号" })).toBeInViewport();
  }

  // A finger that slips: the words are no field.
  const words = panel.getByTestId("wording");
  const before = await words.textContent();
  expect(before.length).toBeGreaterThan(10);
  await words.click();
  await page.keyboard.type("误触");
  await expect(words).toHaveText(before);
  await expect(panel.getByLabel("标题", { exact: true })).toHaveCount(0);
  await edit(page);
  await panel.getByLabel("内容").fill(`${before}补一句。`);
  await panel.getByRole("button", { name: "完成" }).click();
  await expect(words).toHaveText(`${before}补一句。`);

  // The newest entries stand under the form, the others behind their number.
  for (const count of [1, 2, 3, 4]) {
    await panel.getByLabel("写一条进展").fill(`第${count}次走访`);
    await panel.getByRole("button", { name: "保存", exact: true }).click();
    await expect(panel.locator(".entries li").first()).toContainText(`第${count}次走访`);
  }
  await expect(panel.locator(".entries li")).toHaveCount(3);
  await panel.getByRole("button", { name: "全部 4 条" }).click();
  await expect(panel.locator(".entries li")).toHaveCount(4);
  await synced(page);
  await page.screenshot({ path: "browser/shots/panel-own-phone.png", fullPage: true });
  await page.setViewportSize(SCREENS[0]);
  await page.screenshot({ path: "browser/shots/panel-own.png" });
});

const NOTICE = `呼政办发〔2026〕77号

呼伦贝尔市人民政府办公室关于印发冬季供暖保障工作方案的通知

冬季供暖保障工作方案

一、重点任务

（一）摸清底数。逐户核实供暖情况。（责任单位：市教育局，海拉尔区）

（二）开展测温。入户测温并公布结果。（责任单位：海拉尔区）
`;

test("a board that arrives while it is opened by its address is shown", async ({ browser }) => {
  test.setTimeout(120_000);
  const [office, banner] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(office, server.address);
  await signIn(banner, server.address, "hailar");
  for (const page of [office, banner]) await synced(page);
  await office.goto(`${server.address}/import`);
  await office.getByTestId("source").fill(NOTICE);
  await office.getByTestId("read").click();
  // The words that would be taken over are seen before they are.
  await expect(office.getByTestId("draft")).toContainText("入户测温并公布结果");
  await office.getByTestId("accept").click();
  const board = await office.getByRole("link", { name: "打开" }).getAttribute("href");
  await banner.goto(server.address + board);
  await expect(banner.getByTestId("item")).toHaveCount(2);
  await openFirstItem(banner);
  await expect(banner.getByTestId("wording")).toContainText("逐户核实供暖情况");
  // Units stand in the order of every list, however their ids fall.
  await expect(banner.locator(".panel .chip")).toHaveText([/^海拉尔区/, /^市教育局/]);
});

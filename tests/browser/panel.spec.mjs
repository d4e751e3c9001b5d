// The panel of a measure: the daily work stands first, and the official words are read before they are edited.
import { expect, test } from "./guard.mjs";
import { edit } from "./plan.mjs";
import { Server, signIn, synced } from "./server.mjs";

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
    await page.getByTestId("item").first().getByRole("link").click();
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

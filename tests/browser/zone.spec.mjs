// Two devices in other parts of the world see one day: that of the space.
import { expect, test } from "./guard.mjs";
import { Server, signIn, synced } from "./server.mjs";

// A minute before and after midnight in Beijing; in Auckland it is long the next day, in New York not yet.
const BEFORE = new Date("2026-12-31T15:59:00Z");
const AFTER = new Date("2026-12-31T16:01:00Z");

const csv = (page) => page.locator("button", { hasText: "CSV 文件" });

// Today as the app has it, by the name of the file that a device gives.
async function fileDay(page) {
  const download = page.waitForEvent("download");
  await page.evaluate(() => document.querySelectorAll("details.menu").forEach((menu) => { menu.open = true; }));
  await csv(page).click();
  return /\d{4}-\d{2}-\d{2}/.exec((await download).suggestedFilename())[0];
}

test("devices of other time zones have the day of the space, and change it together", async ({ browser }) => {
  const server = await Server.start();
  try {
    const open = async (timezoneId) => {
      const context = await browser.newContext({ timezoneId, locale: "zh-CN" });
      const page = await context.newPage();
      await page.clock.setFixedTime(BEFORE);
      await signIn(page, server.address);
      await synced(page);
      return page;
    };
    const [east, west] = [await open("Pacific/Auckland"), await open("America/New_York")];
    const [plan] = /^\/b\/[^/?]+/.exec(await east.locator("a[href^='/b/']").first().getAttribute("href"));
    for (const page of [east, west]) {
      await page.goto(`${server.address}${plan}/ledger`);
      await csv(page).waitFor({ state: "attached" });
    }
    const days = async () => [await fileDay(east), await fileDay(west)];
    expect(await days()).toEqual(["2026-12-31", "2026-12-31"]);
    for (const page of [east, west]) await page.clock.setFixedTime(AFTER);
    expect(await days()).toEqual(["2027-01-01", "2027-01-01"]);
    // An administrator chooses another clock for all.
    await east.goto(`${server.address}/units`);
    await east.getByTestId("zone").selectOption("Asia/Urumqi");
    await synced(east);
    await east.goto(`${server.address}${plan}/ledger`);
    await csv(east).waitFor({ state: "attached" });
    await expect.poll(days).toEqual(["2026-12-31", "2026-12-31"]);
  } finally {
    await server.end();
  }
});

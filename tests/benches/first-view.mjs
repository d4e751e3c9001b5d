// The app in a browser on a board of 1,100 measures: figures only, never asserted.
import { chromium } from "@playwright/test";
import { Server, signIn, synced } from "../browser/server.mjs";
import { frames } from "./frames.mjs";

const ITEMS = 1100;

function numeral(number) {
  const digits = "零一二三四五六七八九";
  const parts = [[1000, "千"], [100, "百"], [10, "十"]];
  let text = "";
  let gap = false;
  for (const [size, word] of parts) {
    const digit = Math.floor(number / size) % 10;
    if (digit > 0) {
      text += (gap ? "零" : "") + digits[digit] + word;
      gap = false;
    } else gap = gap || text !== "";
  }
  const last = number % 10;
  return text + (last > 0 ? (gap ? "零" : "") + digits[last] : "");
}

function plan() {
  const lines = ["某市2026年重点工作任务清单", "一、重点任务"];
  for (let number = 1; number <= ITEMS; number += 1) {
    lines.push(`${number}.推进第${numeral(number)}项重点工作。围绕产业链配套，明确责任单位和时间节点，按月调度。（责任单位：市教育局、财政局，各旗市区人民政府）`);
  }
  return lines.join("\n");
}

const print = (name, milliseconds) => console.log(`${name.padEnd(52)} ${milliseconds.toFixed(0).padStart(8)} ms`);
const since = (start) => performance.now() - start;

const server = await Server.start();
const browser = await chromium.launch({ executablePath: process.env.TONGBAN_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "zh-CN" });
  const page = await context.newPage();
  await signIn(page, server.address);
  await synced(page);
  await page.goto(`${server.address}/import`);
  await page.getByTestId("source").fill(plan());
  let start = performance.now();
  await page.getByTestId("read").click();
  await page.getByTestId("draft").first().waitFor();
  print(`import of ${ITEMS} measures, read`, since(start));
  start = performance.now();
  await page.getByTestId("accept").click();
  await page.locator('[role="status"] a').first().waitFor();
  print("accepted", since(start));
  const board = await page.locator('[role="status"] a').first().getAttribute("href");
  await synced(page);
  print("and synced", since(start));

  for (const round of [1, 2, 3]) {
    const again = await context.newPage();
    start = performance.now();
    await again.goto(server.address + board);
    await again.getByTestId("item").first().waitFor();
    print(`warm device: address to first view, round ${round}`, since(start));
    await again.close();
  }
  start = performance.now();
  await page.locator('[role="status"] a').first().click();
  await page.getByTestId("item").first().waitFor();
  print("click to first view inside the app", since(start));
  print("rows in the page", await page.getByTestId("item").count());
  const [half, most] = await frames(page, 900);
  print("scrolling by 900 px a frame: median frame", half);
  print("95 of 100 frames", most);
  await page.evaluate(() => window.scrollTo(0, 0));

  const other = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await signIn(other, server.address, "hailar");
  await synced(other);
  await other.goto(server.address + board);
  await other.getByTestId("item").first().waitFor();
  await page.getByTestId("item").first().locator("a").click();
  const title = page.getByLabel("标题");
  await title.waitFor();
  for (const round of [1, 2, 3]) {
    start = performance.now();
    await title.fill(`改动第${numeral(round)}次`);
    await title.press("Tab");
    await page.getByTestId("item").first().getByText(`改动第${numeral(round)}次`).waitFor();
    print(`edit until the list shows it, round ${round}`, since(start));
    await other.getByTestId("item").first().getByText(`改动第${numeral(round)}次`).waitFor();
    print("and until another browser shows it", since(start));
  }
} finally {
  await browser.close();
  await server.end();
}

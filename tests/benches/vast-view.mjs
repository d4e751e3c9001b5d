// The app in a browser on a board of 5,000 measures × 14 units with 100,000 entries: figures only,
// never asserted. The folder of the space is written by the program `vast-space`.
import { chromium } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { Server, signIn, synced } from "../browser/server.mjs";
import { frames } from "./frames.mjs";

const print = (name, figure, unit = "ms") => console.log(`${name.padEnd(58)} ${figure.toFixed(0).padStart(8)} ${unit}`);
const since = (start) => performance.now() - start;

const server = await Server.prepare();
const board = execFileSync(process.env.TONGBAN_VAST_SPACE, [server.data], { encoding: "utf8" }).trim();
await server.up();
const browser = await chromium.launch({ executablePath: process.env.TONGBAN_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "zh-CN" });
  const page = await context.newPage();
  await signIn(page, server.address);
  await synced(page);
  let start = performance.now();
  await page.goto(server.address + board);
  await page.getByTestId("item").first().waitFor();
  print("cold device: address to first measure", since(start));
  await synced(page);
  print("and everything synced and stored", since(start));

  for (const round of [1, 2, 3]) {
    const again = await context.newPage();
    start = performance.now();
    await again.goto(server.address + board);
    await again.getByTestId("item").first().waitFor();
    print(`warm device: address to first measure, round ${round}`, since(start));
    await again.close();
  }
  for (const [view, what, box, cell] of [
    ["ledger", "台账", "[data-testid=sheet]", ".sheet__rows [role=gridcell]"],
    ["matrix", "作战图", "[data-testid=matrix]", ".matrix__rows [role=cell]"],
  ]) {
    start = performance.now();
    await page.goto(`${server.address}${board}/${view}`);
    await page.locator(cell).first().waitFor();
    print(`warm device: address to ${what}`, since(start));
    const [half, most] = await frames(page, 700, box);
    print(`${what}: scrolling 700 px a frame, median frame`, half);
    print(`${what}: 95 of 100 frames`, most);
    print(`${what}: cells in the page`, await page.locator(cell).count(), "");
  }
  await page.goto(server.address + board);
  await page.getByTestId("item").first().waitFor();
  const search = page.getByRole("searchbox").first();
  start = performance.now();
  await search.fill("第 4321 条");
  await page.getByText("第 4321 条举措").waitFor();
  print("a word typed into the filter until the list shows it", since(start));
  const memory = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0);
  print("memory of the page's scripts", memory / 1048576, "MiB");
} finally {
  await browser.close();
  await server.end();
}

// Tables from elsewhere: our own workbook comes back whole, a clipboard lands where it stood, files are
// chosen, chosen again and dropped.
import { readFile } from "node:fs/promises";
import { expect, test } from "./guard.mjs";
import { Server, openBoard, signIn, synced } from "./server.mjs";

// Files fall on the page as from a folder of the computer; whether the page kept the browser from them.
async function drop(page, ...files) {
  return page.evaluate((files) => {
    const data = new DataTransfer();
    for (const [name, words] of files) data.items.add(new File([words], name));
    const fall = (kind) => new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data });
    return ["dragover", "drop"].map((kind) => !document.querySelector("main").dispatchEvent(fall(kind)));
  }, files);
}

const ledger = (page) => page.getByRole("group", { name: "台账" });

test("tables come back whole, land where they stood, and files can be dropped", async ({ page, context }) => {
  test.setTimeout(180_000);
  const server = await Server.start();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, server.address);
  await synced(page);
  // A file beside its place is not opened by the browser; the person hears where it goes.
  expect(await drop(page, ["表.csv", "标题\n甲"])).toEqual([true, true]);
  await expect(page.locator(".notice")).toContainText("导入");

  // A sheet for each unit goes out; every row of it is told when it comes in.
  await openBoard(page);
  const board = page.url().split("?")[0];
  await page.goto(`${board}/ledger`);
  await page.getByTestId("sheet").waitFor();
  await ledger(page).getByText("导出").click();
  const [book] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Excel（每单位一表）" }).click(),
  ]);
  const bytes = await readFile(await book.path());
  const own = { name: "按单位.xlsx", mimeType: "application/octet-stream", buffer: bytes };
  const intake = page.getByTestId("intake");
  const counts = page.getByTestId("intake-counts");
  await page.getByTestId("intake-file").setInputFiles(own);
  await expect(intake).toContainText(/工作表 \d+：/);
  const words = await counts.textContent();
  const [held, same, changed, fresh, wrong, notes] =
    ["文件共有行数", "相同", "有改动", "新增", "有问题，不导入", "标题和说明行"].map((word) => Number(words.match(new RegExp(`${word} (\\d+)`))[1]));
  const sheets = Number((await page.getByTestId("intake-left").textContent()).match(/工作表 (\d+)/)[1]);
  expect(sheets).toBeGreaterThan(2);
  expect([changed, fresh, wrong, notes]).toEqual([0, 0, 0, sheets]);
  expect(same).toBeGreaterThanOrEqual(sheets);
  expect(same + notes).toBe(held);
  // The same file is read again, and a file that was dropped as well.
  await intake.getByRole("button", { name: "取消" }).click();
  await page.getByTestId("intake-file").setInputFiles(own);
  await expect(counts).toContainText(`相同 ${same}`);
  await intake.getByRole("button", { name: "取消" }).click();
  const table = "标题,责任单位,时限,经费\n合计,,,3\n全新的一件事,海拉尔区,2025年12月31日,5\n";
  expect(await drop(page, ["核查.csv", table], ["另一个.csv", table])).toEqual([true, true]);
  await expect(page.locator(".notice")).toContainText("一次只读一个文件，另有未读 1");
  await expect(counts).toContainText("文件共有行数 3：相同 0 · 有改动 0 · 新增 1 · 有问题，不导入 0 · 合计行 1 · 标题和说明行 1");
  // Every value of a new row is seen, and what has no column here.
  await expect(intake).toContainText("全新的一件事");
  await expect(intake).toContainText("2025年12月31日");
  await expect(page.getByTestId("intake-left")).toContainText("没有对应的列（不导入） 1：经费");
  await page.screenshot({ path: "browser/shots/tables-intake.png" });
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await page.screenshot({ path: "browser/shots/tables-intake-phone.png" });
  await page.setViewportSize({ width: 1366, height: 768 });
  await intake.getByRole("button", { name: "取消" }).click();

  // A ditto mark is a word: nothing is swallowed.
  const heads = await page.locator(".sheet__head .sheet__cell").allTextContents();
  const place = heads.findIndex((head) => head.trim().startsWith("备注"));
  const cell = (line, right = 0) => page.locator(`[data-cell="${line} ${place + right}"]`);
  const click = async (line) => {
    await cell(line).scrollIntoViewIfNeeded();
    await cell(line).click();
  };
  await click(0);
  await page.evaluate(() => navigator.clipboard.writeText("\"暖城\"行动\n\"\n第三行"));
  await page.keyboard.press("Control+v");
  await expect.poll(() => cell(2).textContent()).toBe("第三行");
  expect([await cell(0).textContent(), await cell(1).textContent()]).toEqual(["\"暖城\"行动", "\""]);
  // A table of a word processor: two paragraphs in a cell, a cell merged down. It is looked at first.
  await page.evaluate(() => navigator.clipboard.write([new ClipboardItem({
    "text/html": new Blob(["<table><tr><td><p>第一段</p><p>第二段</p></td></tr><tr><td rowspan=2>合并的话</td></tr><tr></tr></table>"], { type: "text/html" }),
    "text/plain": new Blob(["第一段\n第二段\n合并的话\n"], { type: "text/plain" }),
  })]));
  await page.keyboard.press("Control+v");
  const look = page.getByTestId("paste-look");
  await expect(look).toContainText("合并单元格 1");
  await expect(look).toContainText("将填入（格） 3");
  // Rows of one title are told apart by their unit.
  await expect(look).toContainText("海拉尔区人民政府");
  expect(await cell(0).textContent()).toBe("\"暖城\"行动");
  await page.screenshot({ path: "browser/shots/tables-paste.png" });
  await page.getByTestId("paste-now").click();
  await expect.poll(() => cell(2).textContent()).toBe("合并的话");
  expect(await cell(0).textContent()).toMatch(/^第一段\s*第二段$/);
  expect(await cell(1).textContent()).toBe("合并的话");
  await synced(page);

  // 导入 takes files by the button, again, and by dropping.
  await page.goto(`${server.address}/import`);
  const source = page.getByTestId("source");
  const text = (words) => ({ name: "方案.txt", mimeType: "text/plain", buffer: Buffer.from(words) });
  await page.getByTestId("import-file").setInputFiles(text("某市试点方案\n一、总体要求\n"));
  await expect(source).toHaveValue(/总体要求/);
  // Words without a board are answered, and stand ready to be mended.
  for (const [words, answer] of [["改坏了", /读了 3 个字，没有识别出清单/], ["", /请先粘贴公文，或打开文件/]]) {
    await source.fill(words);
    await page.getByTestId("read").click();
    await expect(page.locator(".import__source").getByRole("alert")).toHaveText(answer);
    await expect(source).toBeFocused();
  }
  await source.fill("改坏了");
  await page.getByTestId("import-file").setInputFiles(text("某市试点方案\n一、总体要求\n"));
  await expect(source).toHaveValue(/总体要求/);
  expect(await drop(page, ["表.csv", "序号,举措,责任单位\n1,建设零工市场,海拉尔区\n"])).toEqual([true, true]);
  await expect(source).toHaveValue(/1\t建设零工市场\t海拉尔区/);
  await server.end();
});

// Two people change one word apart: both versions are told, with who and when, a person decides, and
// nothing is settled or published before. Half-written words outlive leaving and loading anew.
import { confirm } from "./ask.mjs";
import { noViolations } from "./axe.mjs";
import { expect, test } from "./guard.mjs";
import { fits } from "./screen.mjs";
import { edit } from "./plan.mjs";
import { Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

let server;
test.beforeAll(async () => { server = await Server.start(); });
test.afterAll(async () => { await server.end(); });

async function open(browser, login, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await signIn(page, server.address, login);
  await synced(page);
  await openBoard(page);
  await openFirstItem(page);
  await page.getByTestId("headline").waitFor();
  return { context, page, text: page.getByLabel("内容") };
}

/** Waits until half-written words are on the disk of the device. */
async function kept(page) {
  await expect(page.getByTestId("unsaved-kept").first()).toHaveAttribute("data-kept", "true");
}

// As a person does: selects words and types over them.
async function replace({ page, text }, from, to, words) {
  await text.focus();
  await text.evaluate((field, [from, to]) => field.setSelectionRange(from, to), [from, to]);
  await page.keyboard.insertText(words);
}

test("two people change one word apart: nobody's word is lost, and the place is decided by a person", async ({ browser }) => {
  test.setTimeout(150_000);
  const [mine, theirs] = [await open(browser, "office"), await open(browser, "hailar")];
  for (const one of [mine, theirs]) await edit(one.page);
  const begin = await mine.text.inputValue();
  await replace(mine, 0, 0, "建立远程医疗协作网。");
  await expect(theirs.text).toHaveValue(`建立远程医疗协作网。${begin}`);
  for (const one of [mine, theirs]) await one.context.setOffline(true);
  await replace(mine, 2, 6, "互联网诊疗");
  await replace(theirs, 2, 6, "远程会诊");
  for (const one of [mine, theirs]) await one.context.setOffline(false);
  for (const one of [mine, theirs]) await synced(one.page);
  await expect(mine.text).toHaveValue(/^建立(互联网诊疗远程会诊|远程会诊互联网诊疗)协作网。/);
  for (const one of [mine, theirs]) {
    const card = one.page.getByTestId("text-mark");
    await expect(card).toHaveCount(1);
    for (const words of ["改前", "远程医疗", "互联网诊疗", "远程会诊", "市政府办", "海拉尔区"]) await expect(card).toContainText(words);
  }
  await noViolations(mine.page, "a marked text");
  await mine.page.getByTestId("text-mark").scrollIntoViewIfNeeded();
  await mine.page.screenshot({ path: "browser/shots/text-mark.png" });
  await mine.page.setViewportSize({ width: 390, height: 844 });
  await fits(mine.page, 390, "a marked text");
  await mine.page.getByTestId("text-mark").scrollIntoViewIfNeeded();
  await mine.page.screenshot({ path: "browser/shots/text-mark-phone.png" });
  await mine.page.setViewportSize({ width: 1366, height: 768 });

  // Official text with an open mark is not settled.
  await mine.page.getByRole("link", { name: "定稿与审核" }).click();
  await mine.page.getByRole("button", { name: "定稿", exact: true }).click();
  await expect(mine.page.locator(".notice")).toContainText("有 1 处两人同时改过");
  await expect(mine.page.getByTestId("ask")).toHaveCount(0);
  // Every page says that something waits; the desk of each side names it.
  for (const one of [mine, theirs]) await expect(one.page.getByTestId("waits")).toHaveText("1");
  await mine.page.getByRole("link", { name: "工作台" }).click();
  const asked = mine.page.getByTestId("waiting").locator("li").filter({ hasText: "请您决定" });
  await expect(asked).toHaveCount(1);
  await mine.page.screenshot({ path: "browser/shots/text-mark-desk.png" });
  await asked.getByRole("link").first().click();
  await expect(mine.page.getByTestId("text-mark")).toHaveCount(1);
  // It is found under 需处理, and decided there.
  await mine.page.getByRole("link", { name: "需处理 1" }).click();
  const card = mine.page.getByTestId("text-mark");
  await expect(card).toContainText("互联网诊疗");
  await mine.page.screenshot({ path: "browser/shots/text-mark-attention.png" });
  await card.getByRole("button", { name: /^采用 .*海拉尔区/ }).click();
  await expect(card).toHaveCount(0);
  await expect(mine.page.getByTestId("waits")).toHaveCount(0);
  await synced(mine.page);
  await expect(theirs.text).toHaveValue(`建立远程会诊协作网。${begin}`);
  await expect(theirs.page.getByTestId("text-mark")).toHaveCount(0);
  await mine.page.goto(theirs.page.url());
  await edit(mine.page);
  await expect(mine.text).toHaveValue(`建立远程会诊协作网。${begin}`);
  await mine.page.getByRole("link", { name: "历史" }).click();
  await expect(mine.page.getByTestId("history").locator("li").filter({ hasText: "选定了两人同时改过的一处：" })).toHaveCount(1);
  await mine.page.goto(theirs.page.url());
  await edit(mine.page);

  // A paragraph of the one does not cut the sentence that the other writes.
  const end = (await mine.text.inputValue()).length;
  for (const one of [mine, theirs]) await one.context.setOffline(true);
  for (const words of ["海拉尔区", "在写"]) {
    await theirs.text.press("Control+End");
    await theirs.page.keyboard.insertText(words);
  }
  await mine.text.press("Control+End");
  await mine.page.keyboard.press("Enter");
  await mine.page.keyboard.insertText("市里另起一段。");
  for (const one of [mine, theirs]) await one.context.setOffline(false);
  const whole = `建立远程会诊协作网。${begin}海拉尔区在写\n市里另起一段。`;
  expect(whole.length).toBe(end + 14);
  for (const one of [mine, theirs]) await expect(one.text).toHaveValue(whole);

  // Once it is decided the plan is settled.
  await synced(mine.page);
  await mine.page.getByRole("link", { name: "定稿与审核" }).click();
  await mine.page.getByRole("button", { name: "定稿", exact: true }).click();
  await confirm(mine.page);
  await expect(mine.page.getByTestId("plan-state")).toContainText("已定稿：");
});

test("half-written words are there again after leaving and loading anew, and gone once they are saved", async ({ browser }) => {
  test.setTimeout(150_000);
  const { page } = await open(browser, "hailar");
  const address = page.url();
  const report = page.getByLabel("写一条进展");
  await report.fill("写到一半的进展");
  await kept(page);
  await page.getByRole("link", { name: "工作台" }).click();
  await page.goto(address);
  await expect(report).toHaveValue("写到一半的进展");
  await expect(page.getByTestId("unsaved")).toContainText("已找回");
  await page.reload();
  await expect(report).toHaveValue("写到一半的进展");
  // Another item has its own words.
  await page.getByTestId("item").nth(1).getByRole("link").click();
  await expect(report).toHaveValue("");
  await page.goto(address);
  await expect(report).toHaveValue("写到一半的进展");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("写到一半的进展", { exact: true })).toBeVisible();
  await page.reload();
  await page.getByText("写到一半的进展", { exact: true }).waitFor();
  await expect(report).toHaveValue("");
  await expect(page.getByTestId("unsaved")).toHaveCount(0);

  // 填报, for each measure.
  await page.goto(`${server.address}/report`);
  const rows = page.getByTestId("report-item");
  await rows.first().click();
  await page.getByTestId("report-body").fill("手机上写的");
  await kept(page);
  await page.reload();
  await rows.nth(1).click();
  await expect(page.getByTestId("report-body")).toHaveValue("");
  await page.reload();
  await rows.first().click();
  await expect(page.getByTestId("report-body")).toHaveValue("手机上写的");
  await expect(page.getByTestId("unsaved")).toBeVisible();
  await page.getByRole("button", { name: "不要了" }).click();
  await expect(page.getByTestId("report-body")).toHaveValue("");
  await kept(page);
  await page.reload();
  await rows.first().click();
  await expect(page.getByTestId("report-body")).toHaveValue("");

  // A text to be imported; and a file that was mended is read when it is chosen again.
  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  await office.goto(`${server.address}/import`);
  const source = office.getByTestId("source");
  await source.fill("关于消费帮扶的通知\n一、目标任务");
  await kept(office);
  await office.getByRole("link", { name: "工作台" }).click();
  await office.goto(`${server.address}/import`);
  await expect(source).toHaveValue("关于消费帮扶的通知\n一、目标任务");
  const file = (words) => ({ name: "通知.txt", mimeType: "text/plain", buffer: Buffer.from(words) });
  await office.locator("input[type=file]").setInputFiles(file("第一次的文字"));
  await expect(source).toHaveValue(/第一次的文字/);
  expect(await office.locator("input[type=file]").evaluate((input) => input.value)).toBe("");
  await office.locator("input[type=file]").setInputFiles(file("改好的文字"));
  await expect(source).toHaveValue(/改好的文字/);

  // More words than a page holds take 导入 from nobody: a file of them is refused by name, a paste is told and not kept.
  const many = "关于印发实施方案的通知。".repeat(70_000);
  await office.locator("input[type=file]").setInputFiles(file(many));
  await expect(office.getByRole("alert").filter({ hasText: "文字太多" })).toBeVisible();
  await expect(source).toHaveValue(/改好的文字/);
  await source.evaluate((field, words) => {
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, many);
  await expect(office.getByTestId("unsaved-long")).toContainText("不留存草稿");
  await office.reload();
  await source.waitFor();
  await expect(office.getByTestId("unsaved-long")).toHaveCount(0);
  // The draft of before stays.
  await expect(source).toHaveValue(/改好的文字/);
  await source.fill("再来一份通知");
  await kept(office);
  await office.reload();
  await expect(source).toHaveValue("再来一份通知");

  // An instruction in a meeting.
  await office.goto(`${new URL(address).origin}${new URL(address).pathname.split("/").slice(0, 3).join("/")}/meeting`);
  const said = office.getByTestId("new-instruction").getByLabel("批示", { exact: true });
  await said.fill("请下周");
  await expect(office.getByTestId("new-instruction").getByTestId("unsaved-kept")).toHaveAttribute("data-kept", "true");
  await office.reload();
  await expect(said).toHaveValue("请下周");
  await said.fill("请下周报");
  await said.press("Enter");
  await expect(office.locator(".meeting__card .lines").first()).toContainText("请下周报");
  await office.reload();
  await office.locator(".meeting__card .lines").first().getByText("请下周报").first().waitFor();
  await expect(said).toHaveValue("");
});

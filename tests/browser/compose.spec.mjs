// An input method composes a word while others write in the same place: nothing of it is sent, kept or
// replaced before it is whole, and then both sides have every word once.
import { expect, test } from "./guard.mjs";
import { edit, settle } from "./plan.mjs";
import { PLAN, Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

let server;
test.beforeAll(async () => { server = await Server.start(); });
test.afterAll(async () => { await server.end(); });

// A device with its own input method, as the debugging protocol gives one.
async function device(browser, login = "office") {
  const context = await browser.newContext();
  const page = await context.newPage();
  const method = await context.newCDPSession(page);
  await signIn(page, server.address, login);
  await synced(page);
  return {
    page,
    compose: async (letters) => {
      for (let length = 1; length <= letters.length; length += 1) {
        await method.send("Input.imeSetComposition", { text: letters.slice(0, length), selectionStart: length, selectionEnd: length });
      }
    },
    choose: (word) => method.send("Input.insertText", { text: word }),
    // An Enter that the method has taken: while it composes, or, as Safari tells it, after the word.
    takenEnter: async ({ composing = false } = {}) => {
      const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
      const typed = composing ? {} : { text: "\r", unmodifiedText: "\r" };
      await method.send("Input.dispatchKeyEvent", { type: composing ? "rawKeyDown" : "keyDown", ...key, ...typed });
      await method.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    },
  };
}

const openFirst = async ({ page }, plan = PLAN) => {
  await openBoard(page, plan);
  await openFirstItem(page);
  await edit(page);
};

const times = (text, word) => text.split(word).length - 1;

test("two write in one text while an input method composes", async ({ browser }) => {
  const [mine, theirs] = [await device(browser), await device(browser, "hailar")];
  for (const one of [mine, theirs]) await openFirst(one);
  const [text, other] = [mine.page.getByLabel("内容"), theirs.page.getByLabel("内容")];
  const begin = await text.inputValue();
  const lines = async () => {
    const page = await mine.page.context().newPage();
    await page.goto(`${mine.page.url().split("?")[0]}/history`.replace("/list/history", "/history"));
    await page.getByTestId("history").waitFor({ state: "attached" });
    await synced(page);
    const count = await page.locator(".history li").count();
    await page.close();
    return count;
  };
  const before = await lines();
  await text.focus();
  await mine.page.keyboard.press("Control+End");
  await mine.compose("zu zhi");
  // Theirs come meanwhile: not under the hand of the first, and without a letter of its word.
  await other.focus();
  await theirs.page.keyboard.press("Control+Home");
  await theirs.page.keyboard.insertText("乙方先写：");
  await synced(theirs.page);
  await mine.page.waitForTimeout(600);
  await expect(text).toHaveValue(`${begin}zu zhi`);
  await expect(other).toHaveValue(`乙方先写：${begin}`);
  await synced(mine.page);
  await mine.choose("组织分享");
  for (const field of [text, other]) await expect(field).toHaveValue(`乙方先写：${begin}组织分享`);
  await synced(mine.page);
  // One stroke each, and no letter, in the history.
  await expect.poll(async () => await lines() - before).toBe(2);
  // The caret stays behind the word.
  await mine.page.keyboard.insertText("。");
  await expect(other).toHaveValue(`乙方先写：${begin}组织分享。`);

  // A word that is given up leaves nothing; Enter that ends it begins no line.
  await mine.compose("qu xiao");
  await mine.compose("");
  await mine.choose("");
  await mine.compose("ke");
  await mine.choose("可");
  await mine.takenEnter();
  for (const field of [text, other]) await expect(field).toHaveValue(`乙方先写：${begin}组织分享。可`);

  // A headline: the words of both, no letters, whatever is heard meanwhile.
  const [title, otherTitle] = [mine.page, theirs.page].map((page) => page.getByLabel("标题", { exact: true }));
  const headline = await title.inputValue();
  await title.focus();
  await mine.page.keyboard.press("End");
  await mine.compose("biao ti");
  await mine.takenEnter({ composing: true });
  await otherTitle.fill(`新${headline}`);
  await otherTitle.press("Tab");
  await synced(theirs.page);
  await mine.page.waitForTimeout(600);
  await expect(title).toHaveValue(`${headline}biao ti`);
  await mine.choose("标题");
  await title.press("Tab");
  for (const field of [title, otherTitle]) await expect(field).toHaveValue(`新${headline}标题`);
});

test("an input method ends its word in a cell, a report, an instruction and a proposal", async ({ browser }) => {
  test.setTimeout(150_000);
  const mine = await device(browser);
  const { page } = mine;
  await page.getByRole("link", { name: "存量问题起底清理" }).first().click();
  await page.getByTestId("sheet").waitFor();
  await page.locator('[data-cell^="1 "]').first().waitFor();
  const heads = await page.locator(".sheet__head .sheet__cell").allTextContents();
  const column = heads.findIndex((head) => /^\s*原因/.test(head));
  expect(column, heads.join(" ")).toBeGreaterThan(0);
  const place = `1 ${column}`;
  await page.locator(`[data-cell="${place}"]`).click();
  const kept = await page.locator(`[data-cell="${place}"]`).textContent();
  // Given up: the cell says what it said.
  await mine.compose("shan");
  await expect(page.getByTestId("cell-editor")).toHaveValue("shan");
  await mine.compose("");
  await mine.choose("");
  await page.keyboard.press("Escape");
  await expect(page.locator(`[data-cell="${place}"]`)).toHaveText(kept);
  await mine.compose("he shi");
  await mine.takenEnter({ composing: true });
  await expect(page.getByTestId("cell-editor")).toHaveValue("he shi");
  await synced(page);
  await mine.choose("核实");
  await mine.takenEnter();
  await expect(page.getByTestId("cell-editor")).toHaveValue("核实");
  await page.keyboard.press("Enter");
  await expect(page.locator(`[data-cell="${place}"]`)).toHaveText("核实");
  const board = new URL(page.url()).pathname.split("/").slice(0, 3).join("/");

  // An instruction: the Enter of the word does not give it.
  await page.goto(`${server.address}${board}/meeting`);
  const said = page.getByTestId("new-instruction").getByLabel("批示", { exact: true });
  await said.focus();
  await mine.compose("zhua jin");
  await mine.takenEnter({ composing: true });
  await mine.choose("抓紧");
  await mine.takenEnter();
  await expect(said).toHaveValue("抓紧");
  await expect(page.locator(".meeting__card").getByText("抓紧")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(page.locator(".meeting__card .lines").first()).toContainText("抓紧");
  await synced(page);

  // A report: saved with the whole word, once.
  const banner = await device(browser, "hailar");
  await openBoard(banner.page);
  await settle(await openedPlan(page));
  await openFirstItem(banner.page);
  const report = banner.page.getByLabel("写一条进展");
  await report.focus();
  await banner.compose("jin zhan");
  await expect(report).toHaveValue("jin zhan");
  await banner.choose("进展");
  await banner.page.getByRole("button", { name: "保存" }).click();
  await expect(banner.page.locator(".entries")).toContainText("进展");
  expect(times(await banner.page.locator(".entries").textContent(), "jin")).toBe(0);

  // A proposal: what is drafted, kept and sent has the word once and no letter.
  await banner.page.getByRole("button", { name: "提出修改" }).click();
  const form = banner.page.getByTestId("proposal-form");
  await form.getByLabel("标题", { exact: true }).focus();
  await banner.page.keyboard.press("End");
  await banner.compose("ti ming");
  await banner.choose("题名");
  await form.getByLabel("修改理由").focus();
  await banner.compose("li you");
  await banner.takenEnter({ composing: true });
  await banner.choose("理由充分");
  await expect(form.getByLabel("修改理由")).toHaveValue("理由充分");
  await form.getByRole("button", { name: "提交" }).click();
  const proposal = banner.page.getByTestId("proposal");
  await expect(proposal).toContainText("理由充分");
  const words = await proposal.textContent();
  expect([times(words, "li you"), times(words, "ti ming"), times(words, "题名")]).toEqual([0, 0, 1]);
  await synced(banner.page);
});

async function openedPlan(page) {
  await page.goto(server.address);
  await synced(page);
  await openBoard(page);
  return page;
}

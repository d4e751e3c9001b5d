// On a phone and on paper: a finger scrolls and signs nothing, every page fits, a report is written
// in three taps, and what is printed is everything.
import { confirm, leave } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { fits } from "./screen.mjs";
import { Server, signIn, synced } from "./server.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "zh-CN" };
const BOARD = "京蒙协作“教育协作”举措清单";
// Sixty letters, as the titles of real plans have.

let server;
test.beforeEach(async () => { server = await Server.start(); });
test.afterEach(async () => { await server.end(); });

async function opened(browser, login, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await signIn(page, server.address, login);
  await synced(page);
  return page;
}

async function boardOf(page, title = BOARD) {
  return server.address + (await page.getByRole("link", { name: title }).first().getAttribute("href"));
}

test("a swipe on a card scrolls and writes nothing, and no drop signs before it is confirmed", async ({ browser }) => {
  const page = await opened(browser, "hailar", PHONE);
  await page.goto(`${await boardOf(page)}/kanban`);
  const cards = (column) => page.locator(`[data-column="${column}"]`).getByTestId("kcard");
  await cards(0).first().waitFor();
  const before = await cards(0).count();
  const finger = await page.context().newCDPSession(page);
  const touch = (type, x, y) => finger.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
  const scrolled = () => page.locator(".kanban").evaluate((kanban) => kanban.scrollLeft);
  const grip = async () => {
    const box = await cards(0).first().getByRole("button").boundingBox();
    return [Math.min(box.x + box.width / 2, 180), box.y + box.height / 2];
  };
  // A flick over the card, as a thumb does to see the other columns.
  let [x, y] = await grip();
  await touch("touchStart", x, y);
  for (let step = 1; step <= 10; step += 1) await touch("touchMove", x - step * 15, y);
  await touch("touchEnd");
  await expect.poll(scrolled).toBeGreaterThan(60);
  await page.waitForTimeout(500);
  await expect(page.getByTestId("ask")).toHaveCount(0);
  await expect(cards(0)).toHaveCount(before);
  expect(page.url(), "a swipe opens nothing").not.toContain("item=");
  await expect(page.getByTestId("badge")).toHaveAttribute("data-state", "synced");

  // A finger that rests lifts the card; at the edge the board scrolls along, to columns out of sight.
  await page.locator(".kanban").evaluate((kanban) => { kanban.scrollLeft = 0; });
  [x, y] = await grip();
  await touch("touchStart", x, y);
  await expect(page.locator(".kcard--lifted")).toHaveCount(1);
  await page.waitForTimeout(450);
  for (let step = 1; step <= 6; step += 1) await touch("touchMove", x + (380 - x) * step / 6, y);
  await expect.poll(scrolled).toBeGreaterThan(200);
  // Back in the middle the board stands still; the card is dropped on the next column.
  await touch("touchMove", 195, y);
  await page.locator(".kanban").evaluate((kanban) => {
    const column = kanban.querySelector('[data-column="1"]').getBoundingClientRect();
    kanban.scrollLeft += column.left + column.width / 2 - 195;
  });
  await touch("touchMove", 196, y);
  await touch("touchEnd");
  // It asks; 取消 puts the card back.
  await expect(page.getByTestId("ask")).toBeVisible();
  await page.screenshot({ path: "browser/shots/ask-phone.png" });
  await leave(page);
  await expect(cards(0)).toHaveCount(before);

  // The list of columns and the keys ask the same.
  await cards(0).first().locator("select").selectOption({ label: "申请销号" });
  await expect(page.getByTestId("ask")).toContainText("申请销号");
  // Without 完成情况 nothing is asked of the lead.
  await page.getByTestId("ask-yes").click();
  await expect(page.getByTestId("ask").getByRole("alert")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("ask")).toHaveCount(0);
  await cards(0).first().getByRole("button").focus();
  for (const key of ["Space", "ArrowRight", "Space"]) await page.keyboard.press(key);
  await leave(page);
  await expect(cards(0)).toHaveCount(before);
  await expect(page.getByTestId("badge")).toHaveAttribute("data-state", "synced");
  await cards(0).first().getByRole("button").focus();
  for (const key of ["Space", "ArrowRight", "Space"]) await page.keyboard.press(key);
  await confirm(page, "已与对方学校见面");
  await expect(cards(1)).toHaveCount(1);
});

test("what is printed is everything", async ({ browser }) => {
  // A low window draws few rows of each view.
  const page = await opened(browser, "office", { viewport: { width: 1366, height: 420 }, locale: "zh-CN" });
  const board = await boardOf(page, "京蒙协作“消费帮扶”举措清单");
  const drawn = (selector) => page.locator(selector).count();
  for (const [view, whole, rows] of [["ledger", "[role=grid]", ".sheet__rows .sheet__row"], ["matrix", ".matrix__table", ".matrix__rows .matrix__row"]]) {
    await page.goto(`${board}/${view}`);
    await page.locator(rows).first().waitFor();
    const all = Number(await page.locator(whole).getAttribute("aria-rowcount"));
    const seen = await drawn(rows);
    if (view === "ledger") expect(seen, "a low window draws a part").toBeLessThan(all);
    await page.emulateMedia({ media: "print" });
    await expect.poll(() => drawn(rows), { message: view }).toBe(all);
    // No box is left that hides a part of it.
    const cut = await page.locator(`.${view === "ledger" ? "sheet" : "matrix"}`).evaluate((box) => box.scrollHeight - box.clientHeight);
    expect(cut, view).toBeLessThanOrEqual(1);
    await page.emulateMedia({ media: "screen" });
    await expect.poll(() => drawn(rows)).toBe(seen);
    // The printer of the browser itself, which tells before it prints.
    await page.evaluate((selector) => {
      window.addEventListener("beforeprint", () => { window.printed = document.querySelectorAll(selector).length; });
    }, rows);
    const pdf = await page.pdf({ path: `browser/shots/print-${view}.pdf` });
    expect(pdf.length).toBeGreaterThan(5_000);
    expect(await page.evaluate(() => window.printed), view).toBe(all);
  }
  // Folded parts are open on paper, and a board of cards shows every card.
  await page.goto(`${board}/kanban`);
  await page.getByTestId("kcard").first().waitFor();
  const cards = await drawn(".kcard");
  await page.emulateMedia({ media: "print" });
  const hidden = await page.locator(".kcard").evaluateAll((all) => all.filter((card) => card.getBoundingClientRect().right > document.documentElement.scrollWidth + 1).length);
  expect([cards > 0, hidden]).toEqual([true, 0]);
  await page.emulateMedia({ media: "screen" });
});

test("a report on a phone: the one that waits longest first, found by a word, closed with it", async ({ browser }) => {
  const page = await opened(browser, "hailar", PHONE);
  await page.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "填报" }).click();
  const rows = page.getByTestId("report-item");
  await rows.first().waitFor();
  const order = ["Returned", "Instructed", "Overdue", "DueSoon", "Unreported", "Going"];
  const waits = await rows.evaluateAll((all) => all.map((one) => one.dataset.waits));
  expect(waits).toEqual([...waits].sort((one, other) => order.indexOf(one) - order.indexOf(other)));
  expect(waits.length).toBeGreaterThan(3);
  await fits(page, 360, "the choice");
  await page.setViewportSize(PHONE.viewport);
  await page.screenshot({ path: "browser/shots/report-choose-phone.png" });
  await page.getByTestId("report-find").fill("教育协作");
  await rows.filter({ hasText: "结对" }).first().click();
  await page.screenshot({ path: "browser/shots/report-phone.png", fullPage: true });
  // With the keyboard open the button is in sight, and nothing lies over it.
  await page.getByTestId("report-body").focus();
  await page.setViewportSize({ width: 390, height: 480 });
  const save = page.getByRole("button", { name: "保存" });
  const onTop = await save.evaluate((button) => {
    const box = button.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return [box.bottom <= window.innerHeight, button.contains(top)];
  });
  expect(onTop).toEqual([true, true]);
  await page.setViewportSize(PHONE.viewport);
  // Asking to close wants to know what was done.
  await page.getByTestId("report-closes").check();
  await save.click();
  await expect(page.locator(".notice")).toBeVisible();
  await page.getByTestId("report-body").fill("三所学校签了协议");
  await save.click();
  await expect(page.locator(".report__done")).toContainText("已存本机");
  await synced(page);
  await page.getByRole("link", { name: "看这条" }).click();
  await expect(page.locator(".entries")).toContainText("三所学校签了协议");
  await expect(page.getByTestId("part").filter({ hasText: "海拉尔区" })).toContainText("申请销号");
});

test("measures and sections are put in order by pointer, keys and touch, and taken back", async ({ browser }) => {
  const page = await opened(browser, "office");
  await page.goto(`${await boardOf(page)}/list`);
  const titles = () => page.getByTestId("item").locator(".item__title").allTextContents();
  await page.getByTestId("item").first().waitFor();
  const first = await titles();
  expect(first.length).toBeGreaterThan(2);
  // Keys alone: the row goes down, the focus stays with it, and down again.
  await page.getByTestId("item").first().getByRole("link").focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect.poll(titles).toEqual([first[1], first[0], ...first.slice(2)]);
  await expect(page.locator(".notice")).toContainText("已移动");
  await expect(page.locator(":focus")).toHaveClass(/item__grip/);
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(titles).toEqual(first);
  // The pointer: the first row is dropped below the third.
  const box = (place) => page.getByTestId("item").nth(place).boundingBox();
  await page.getByTestId("item").nth(1).evaluate((row) => row.scrollIntoView({ block: "center" }));
  const grip = await page.getByTestId("item").first().locator(".item__grip").boundingBox();
  const third = await box(2);
  await page.mouse.move(grip.x + 8, grip.y + 8);
  await page.mouse.down();
  await page.mouse.move(third.x + 100, third.y + third.height - 6, { steps: 8 });
  await page.mouse.up();
  await expect.poll(titles).toEqual([first[1], first[2], first[0], ...first.slice(3)]);
  // Numbers are offered anew, and one press takes back what was done.
  await expect(page.getByTestId("renumber")).toContainText("序号与次序不符");
  const number = () => page.locator(".item__number").first().textContent();
  const before = await number();
  await page.getByRole("button", { name: "重排序号" }).click();
  await expect.poll(number).not.toBe(before);
  await expect(page.getByTestId("renumber")).toHaveCount(0);
  await page.locator(".notice").getByRole("button", { name: "撤销" }).click();
  await expect.poll(number).toBe(before);
  // A new one above another, by the list that a finger opens.
  await page.getByTestId("item").nth(1).locator("select").selectOption("insert");
  await page.locator(".item__insert input").fill("插在中间的举措");
  await page.locator(".item__insert").getByRole("button", { name: "添加" }).click();
  await expect.poll(async () => (await titles())[1]).toBe("插在中间的举措");
  await synced(page);

  // A finger: a row is taken into another section.
  const away = await opened(browser, "office", PHONE);
  const plan = (await away.getByRole("link", { name: /京蒙协作/ }).evaluateAll((all) => all.map((one) => one.getAttribute("href"))));
  let found = false;
  for (const href of plan) {
    await away.goto(`${server.address}${href}/list`);
    await away.locator(".section").first().waitFor();
    if (await away.locator(".section").count() < 2) continue;
    found = true;
    const item = away.getByTestId("item").first();
    const name = await item.locator(".item__title").textContent();
    const move = item.locator(".item__move");
    await move.focus();
    await expect.poll(() => move.locator("option").count()).toBeGreaterThan(4);
    await move.selectOption({ index: 4 });
    await expect(away.locator(".section").nth(1).getByTestId("item").last()).toContainText(name);
    await away.screenshot({ path: "browser/shots/list-phone.png" });
    break;
  }
  test.info().annotations.push({ type: "sections", description: String(found) });
});

test("a first edition is seen before it is published, and its address after", async ({ browser, request }) => {
  const page = await opened(browser, "office");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const board = await boardOf(page);
  await page.goto(board);
  await expect(page.getByRole("button", { name: "发布", exact: true })).toHaveCount(0);
  await page.getByRole("link", { name: "去定稿" }).click();
  await page.getByRole("button", { name: "定稿", exact: true }).click();
  await confirm(page);
  await synced(page);
  await page.getByRole("button", { name: "发布", exact: true }).click();
  await expect(page.getByTestId("would-show")).toHaveText(/将公开 \d+ 条举措、\d+ 项指标/);
  await expect(page.getByTestId("confirm-publish")).toHaveText("发布第 1 版");
  const preview = page.getByTestId("public-preview");
  const shown = await preview.getAttribute("srcdoc");
  await expect(page.frameLocator("[data-testid=public-preview]").locator("h1")).toHaveText(BOARD);
  // Its style is taken: the policy names it.
  const wide = await page.frameLocator("[data-testid=public-preview]").locator("body").evaluate((body) => getComputedStyle(body).maxWidth);
  expect(wide).not.toBe("none");
  await page.screenshot({ path: "browser/shots/publish-first.png", fullPage: true });
  await page.getByTestId("confirm-publish").click();
  await expect(page.locator(".notice")).toContainText("已发布第 1 版");
  const address = page.getByTestId("public-address");
  await expect(address.getByTestId("public-code")).toBeVisible();
  const link = await address.getByRole("link").getAttribute("href");
  expect(link.startsWith(`${server.address}/p/`)).toBe(true);
  await address.getByRole("button", { name: "复制" }).click();
  await expect(page.locator(".notice")).toContainText("地址已复制");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  expect(await (await request.get(link)).text(), "what was looked at is what is public").toBe(shown);
  await page.screenshot({ path: "browser/shots/published.png", fullPage: true });
});

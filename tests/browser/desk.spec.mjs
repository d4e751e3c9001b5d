// 工作台, 历史, 批示, 督办: what was done is told in sentences of people, work follows what is new, an
// instruction reaches the desk of its unit, and nobody is told of boards that are not theirs.
import { execFileSync } from "node:child_process";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { edit } from "./plan.mjs";
import { Server, openFirstItem, program, signIn, synced } from "./server.mjs";

let server;
test.beforeAll(async () => { server = await Server.start(); });
test.afterAll(async () => { await server.end(); });

const work = (page) => page.evaluate(() => ({ historyBoards: 0, historyChanges: 0, historyTold: 0, ...window.tongbanWork }));

async function person(browser, login, viewport = { width: 1366, height: 768 }) {
  const page = await (await browser.newContext({ locale: "zh-CN", viewport })).newPage();
  await signIn(page, server.address, login);
  await synced(page);
  return page;
}

async function boardOf(page, title) {
  await page.goto(server.address);
  const link = page.getByTestId("boards").getByRole("link", { name: title });
  return server.address + (await link.getAttribute("href"));
}

test("twenty edits of one field are one sentence, and only what is new is read", async ({ browser }) => {
  const office = await person(browser, "office");
  // From the second visit on it is told what others did since.
  await office.waitForTimeout(1100);
  await office.reload();
  await synced(office);
  await expect(office.getByTestId("boards").locator("li")).not.toHaveCount(0);
  const before = await work(office);

  const other = await person(browser, "jiaoyu");
  const board = await boardOf(other, "教育协作");
  await other.goto(`${board}/list`);
  await openFirstItem(other);
  await edit(other);
  const title = other.locator(".panel").getByLabel("标题", { exact: true });
  for (let count = 1; count <= 20; count += 1) {
    await title.fill(`建立结对关系第${count}稿`);
    await title.press("Enter");
  }
  await synced(other);

  const news = office.getByTestId("news").locator("li");
  await expect(news).toHaveCount(1);
  await expect(news).toContainText(/市教育局.*改了.*的标题（20 处）/);
  await office.waitForTimeout(400);
  const after = await work(office);
  // Each change is read once, of the board that changed and of no other.
  expect(after.historyChanges - before.historyChanges).toBe(20);
  expect(after.historyBoards - before.historyBoards).toBeLessThanOrEqual(20);
  expect(after.historyTold - before.historyTold).toBeLessThanOrEqual(20);
  // An act that does not change a board reads nothing.
  await office.getByTestId("badge").click();
  await office.waitForTimeout(400);
  expect(await work(office)).toEqual(after);

  await office.goto(`${board}/history`);
  const lines = office.getByTestId("history").locator("li");
  const line = lines.filter({ hasText: "（20 处）" });
  await expect(line).toHaveCount(1);
  await line.getByText("看改动").click();
  await expect(line.locator("ins")).toContainText("第20稿");
  await expect(lines.filter({ hasText: "导入公文建立了清单" })).toHaveCount(0);
  // Everything, and then one person of it.
  await office.getByRole("button", { name: "全部时间" }).click();
  await expect(line).toHaveCount(1);
  const all = await lines.count();
  await office.getByLabel("所有人").selectOption({ index: 1 });
  expect(await lines.count()).toBeLessThanOrEqual(all);
  await office.getByLabel("所有人").selectOption("");
  await line.getByRole("button", { name: "此后有哪些变化" }).click();
  const compared = office.getByTestId("compared").locator("li");
  await expect(compared).toHaveCount(1);
  await expect(compared).toContainText("标题");
  await expect(compared.locator("ins")).toContainText("第20稿");
  await noViolations(office, "history");
  await office.screenshot({ path: "browser/shots/history.png" });
  await office.getByRole("button", { name: "比较这两天" }).click();
  await expect(office.getByTestId("compared")).toContainText("标题");
});

test("a start with everything on the device asks for what is new alone, and counts nothing at the person", async ({ browser }) => {
  const page = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  let bytes = 0;
  page.on("websocket", (socket) => socket.on("framereceived", (frame) => { bytes += frame.payload.length; }));
  await signIn(page, server.address);
  await synced(page);
  // The next start finds the boards on the device.
  await expect(page.getByTestId("boards").locator("li")).not.toHaveCount(0);
  const [first, boards] = [bytes, await page.getByTestId("boards").locator("li").count()];
  expect(first).toBeGreaterThan(50_000);
  bytes = 0;
  await page.addInitScript(() => {
    window.told = new Set();
    const note = () => {
      const badge = document.querySelector("[data-testid=badge]");
      if (badge) window.told.add(badge.innerText);
    };
    new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.reload();
  await synced(page);
  await expect(page.getByTestId("boards").locator("li")).toHaveCount(boards);
  expect(bytes, `${first} bytes at the first start`).toBeLessThan(first / 2);
  const told = await page.evaluate(() => [...window.told]);
  expect(told.join(" ")).toContain("已同步");
  expect(told.filter((words) => /\d/.test(words)), "numbers in the badge").toEqual([]);
});

test("an instruction with a unit and a day stands on that unit's desk until it is answered, and is ended", async ({ browser }) => {
  const office = await person(browser, "office");
  const unit = await person(browser, "hailar", { width: 390, height: 844 });
  const board = await boardOf(office, "教育协作");
  await office.goto(`${board}/meeting`);
  const form = office.getByTestId("new-instruction");
  await form.getByLabel("批示", { exact: true }).fill("月底前报结对名单");
  // Keys of the meeting do not turn the page while somebody types.
  const place = await office.locator(".meeting__bar [role=status]").textContent();
  await form.getByLabel("批示", { exact: true }).press("ArrowLeft");
  await form.getByLabel("批示", { exact: true }).press("ArrowRight");
  expect(await office.locator(".meeting__bar [role=status]").textContent()).toBe(place);
  await form.getByLabel("责任单位").selectOption({ label: "海拉尔区人民政府" });
  await expect(office.locator(".chip", { hasText: "海拉尔区人民政府" }).last()).toBeVisible();
  await form.getByLabel("期限").fill("2026-12-31");
  await form.getByRole("button", { name: "保存" }).click();
  const minutes = office.getByTestId("instructions");
  await expect(minutes).toContainText("月底前报结对名单");
  await expect(minutes).toContainText("未回应");
  await synced(office);
  await noViolations(office, "meeting with instructions");
  await office.screenshot({ path: "browser/shots/meeting.png", fullPage: true });

  await unit.goto(server.address);
  const task = unit.getByTestId("waiting").locator("li", { hasText: "月底前报结对名单" });
  await expect(task).toContainText("批示");
  await expect(task).toContainText("2026-12-31");
  await unit.screenshot({ path: "browser/shots/desk-phone.png" });
  await task.getByRole("link").first().click();
  const row = unit.getByTestId("instructions").locator("li", { hasText: "月底前报结对名单" }).first();
  await row.getByLabel("回应").fill("名单已报市教育局");
  await row.getByRole("button", { name: "回应" }).click();
  await expect(row).toContainText("已回应");
  await synced(unit);
  expect(await unit.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await unit.goto(server.address);
  await unit.getByRole("heading", { name: "工作台" }).waitFor();
  await expect(unit.getByTestId("boards").locator("li")).not.toHaveCount(0);
  await expect(unit.getByTestId("waiting").getByText("月底前报结对名单")).toHaveCount(0);

  await expect(minutes).toContainText("名单已报市教育局");
  await minutes.getByRole("button", { name: "退回重办" }).click();
  await expect(office.getByRole("status").filter({ hasText: "请先写明理由" })).toBeVisible();
  await minutes.getByRole("button", { name: "办结" }).click();
  await expect(minutes).toContainText("已办结");
  await expect(minutes.getByRole("button", { name: "办结" })).toHaveCount(0);
});

test("supervision sees what is late over all boards, each number a link; others are not told of boards that are not theirs", async ({ browser }) => {
  const office = await person(browser, "office");
  // Boards are looked at one by one: the number grows for a moment.
  let late = "0";
  await expect.poll(async () => {
    const before = late;
    late = await office.getByTestId("all-late").locator("b").textContent();
    return Number(late) > 0 && late === before;
  }, { intervals: [700] }).toBe(true);
  await office.screenshot({ path: "browser/shots/desk.png", fullPage: true });
  const titles = await office.getByTestId("boards").getByRole("link").allTextContents();
  expect(titles.length).toBeGreaterThanOrEqual(13);
  await office.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "督办" }).click();
  await expect(office.getByTestId("tiles").getByRole("link", { name: /逾期/ })).toContainText(late);
  // One chip for each late part, and as many in the units' table.
  await expect(office.getByTestId("late").locator(".chip")).toHaveCount(Number(late));
  const column = await office.getByTestId("units").locator("tbody tr td:nth-child(2)").allTextContents();
  expect(column.reduce((sum, count) => sum + Number(count), 0)).toBe(Number(late));
  const days = await office.getByTestId("late").locator(".lamp b").allTextContents();
  expect(days.map(Number)).toEqual(days.map(Number).toSorted((one, other) => other - one));
  await noViolations(office, "oversight");
  await office.screenshot({ path: "browser/shots/oversight.png", fullPage: true });
  await office.getByTestId("units").locator("tbody a").first().click();
  await expect(office.getByRole("link", { name: "全部", exact: true })).toBeVisible();
  await office.setViewportSize({ width: 390, height: 844 });
  expect(await office.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await office.screenshot({ path: "browser/shots/oversight-phone.png" });

  // The same order at every start, and in every list.
  await office.goto(server.address);
  await synced(office);
  expect(await office.getByTestId("boards").getByRole("link").allTextContents()).toEqual(titles);

  const data = { ...process.env, TONGBAN_DATA: server.data };
  const link = execFileSync(program, ["admin", "invite", "市信访局", "--role", "guest"], { env: data });
  const guest = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await guest.goto(server.address + link.toString().trim());
  await guest.getByLabel("用户名").fill("guest");
  await guest.locator('input[name="password"]').fill("tongban-demo");
  await guest.getByRole("button", { name: "完成" }).click();
  await guest.getByRole("heading", { name: "工作台" }).waitFor();
  await synced(guest);
  for (const address of ["", "/report", "/ledger", "/attention", "/oversight"]) {
    await guest.goto(server.address + address);
    await guest.getByRole("navigation", { name: "导航" }).waitFor();
    await synced(guest);
    const words = await guest.locator("main").innerText();
    for (const title of titles) expect(words, `${title} on ${address || "the desk"}`).not.toContain(title);
  }
  await guest.goto(server.address);
  await expect(guest.getByText("本机还没有清单")).toBeVisible();
  await expect(guest.getByTestId("boards").locator("li")).toHaveCount(0);
  await expect(guest.getByRole("navigation", { name: "导航" }).getByRole("link", { name: "督办" })).toHaveCount(0);
});

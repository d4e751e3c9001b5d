// Markup and script in every text that people can write: it stays text in the app and on public pages.
import { confirm } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { go } from "./go.mjs";
import { execFileSync } from "node:child_process";
import { edit, settle } from "./plan.mjs";
import { policyHeld, watchPolicy } from "./policy.mjs";
import { Server, openFirstItem, program, signIn, synced } from "./server.mjs";

const PLANTED = `<img src=x onerror="window.planted=1"><script>window.planted=1</script><svg onload='window.planted=1'>`;
const SHORT = `"><svg onload=window.planted=1>`;

// The form of an official document, with markup wherever its words go.
const DOCUMENT = `某政办发〔2025〕13号 2025年3月1日

某市人民政府办公室关于印发举措清单${SHORT}的通知

各旗市区人民政府，市直有关部门：

京蒙协作“医疗${SHORT}协作”举措清单

一、目标任务

到2026年，争取4家医疗机构${PLANTED}与北京建立协作关系，远程会诊${SHORT}不少于200例。

二、实施期限

2025年—2027年

三、具体举措

（一）拓展专科${SHORT}协作。结合本地需求${PLANTED}确定重点专科。（责任单位：市卫健委，海拉尔区人民政府）

（二）开展远程医疗。建立会诊和双向转诊制度。（责任单位：市卫健委、市${SHORT}局，各旗市区人民政府）
`;

// Puts markup into every text field that is shown and may be written; gives how many.
async function plant(page) {
  const fields = page.locator("main input:not([type]):visible:enabled, main input[type=text]:visible:enabled, main textarea:visible:enabled");
  let count = 0;
  for (const field of await fields.all()) {
    if (await field.evaluate((one) => one.readOnly || !one.isConnected).catch(() => true)) continue;
    await field.fill(PLANTED, { timeout: 2000 }).then(() => { count += 1; }, () => {});
    await field.press("Tab", { timeout: 2000 }).catch(() => {});
  }
  return count;
}

test("markup in any text stays text, in the app and on public pages", async ({ browser }) => {
  test.setTimeout(240_000);
  const server = await Server.start();
  const context = await browser.newContext();
  await watchPolicy(context);
  const page = await context.newPage();
  await signIn(page, server.address);
  await synced(page);

  // A document, then every field of a measure, a report with a file, a comment, an indicator.
  await page.goto(`${server.address}/import`);
  await page.getByTestId("source").fill(DOCUMENT);
  await page.getByTestId("read").click();
  await expect(page.getByTestId("draft")).toHaveCount(1);
  await policyHeld(page, "the draft of an import");
  await page.getByTestId("accept").click();
  await expect(page.getByText("已建立")).toHaveCount(1);
  await synced(page);
  await page.goto(server.address);
  await page.locator(".card", { hasText: "“医疗" }).getByRole("link").first().click();
  await expect(page.getByTestId("item")).toHaveCount(2);
  const board = new URL(page.url()).pathname;
  let planted = await plant(page);
  await openFirstItem(page);
  await edit(page);
  planted += await plant(page);
  const report = page.getByLabel("写一条进展");
  await report.fill(PLANTED);
  await page.getByTestId("attach").setInputFiles({ name: `${SHORT.replaceAll("/", "")}.pdf`, mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") });
  await expect(page.locator(".files .chip")).toHaveCount(1);
  await report.locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
  await synced(page);
  await policyHeld(page, "a measure");
  // A leader's word in a meeting, and a number with its period.
  await page.goto(`${server.address}${board.replace(/\/list$/, "")}/meeting`);
  const said = page.getByTestId("new-instruction").getByLabel("批示", { exact: true });
  await said.fill(PLANTED);
  await said.press("Enter");
  await expect(page.locator(".meeting__card .lines").first()).toContainText("onload='window.planted");
  await page.goto(`${server.address}${board.replace(/\/list$/, "")}/indicators`);
  const number = page.locator(".indicator").first();
  await number.getByLabel("数值").fill("3");
  await number.getByLabel("时期").fill(SHORT);
  await number.getByRole("button", { name: "上报" }).click();
  await expect(number).toContainText("onload=window.planted");
  await synced(page);
  await policyHeld(page, "meeting and indicators");

  // A unit's names, and a board of a template.
  await page.goto(`${server.address}/units`);
  await page.locator("main h1").waitFor();
  planted += await plant(page);
  for (const button of await page.locator("main form button[type=submit]:visible:enabled").all()) await button.click({ timeout: 2000 }).catch(() => {});
  await policyHeld(page, "units");
  // One of the forms asks every device for a PIN.
  expect(await page.evaluate(async () => (await fetch("/api/lock", { method: "POST", headers: { "content-type": "application/json" }, body: "null" })).status)).toBe(204);
  await page.goto(`${server.address}/new`);
  await page.getByText("对口协作", { exact: true }).click();
  await page.getByTestId("board-name").fill(PLANTED);
  await page.getByRole("button", { name: "开始" }).click();
  await page.getByPlaceholder("新增一行").fill(PLANTED);
  await page.getByRole("button", { name: "添加" }).click();
  const typed = new URL(page.url()).pathname;
  await page.getByTestId("item").first().getByRole("link").first().click().catch(() => {});
  planted += await plant(page);
  await synced(page);
  await policyHeld(page, "a board of a template");
  expect(planted, "fields that were written").toBeGreaterThan(12);

  // Every page that shows any of it.
  const seen = new Set();
  for (const begin of ["/", "/report", "/attention", "/ledger", "/units", "/audit", "/device", board, typed]) {
    await go(page, server.address + begin);
    await page.locator("main h1").first().waitFor();
    await synced(page);
    await policyHeld(page, begin);
    seen.add(begin);
    const links = await page.locator("nav a, main a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
    for (const href of new Set(links)) {
      if (!href?.startsWith(board) && !href?.startsWith(typed) || seen.has(href)) continue;
      await go(page, server.address + href);
      await page.locator("main h1").first().waitFor();
      await synced(page);
      await policyHeld(page, href);
      seen.add(href);
    }
  }
  expect(seen.size, "pages looked at").toBeGreaterThan(20);
  await page.goto(server.address + board);
  await expect(page.locator("main")).toContainText("onload=window.planted");
  await page.screenshot({ path: "browser/shots/markup.png", fullPage: true });

  // A proposal to the settled plan, with its reasons, and the name under it.
  const link = execFileSync(program, ["admin", "invite", "海拉尔区人民政府", "--role", "editor"], { env: { ...process.env, TONGBAN_DATA: server.data } });
  const other = await context.browser().newContext();
  await watchPolicy(other);
  const banner = await other.newPage();
  await banner.goto(server.address + link.toString().trim());
  await banner.getByLabel("用户名").fill("planted");
  await banner.getByLabel("姓名").fill(SHORT);
  await banner.locator('input[name="password"]').fill("tongban-demo");
  await banner.getByRole("button", { name: "完成" }).click();
  await banner.locator("h1", { hasText: "工作台" }).waitFor();
  await synced(banner);
  await page.goto(server.address + board);
  await settle(page);
  await banner.goto(server.address + board);
  await openFirstItem(banner);
  await banner.getByRole("button", { name: "提出修改" }).click();
  const form = banner.getByTestId("proposal-form");
  // It stands there already: another one is a change.
  await form.getByLabel("标题", { exact: true }).fill(`${PLANTED}甲`);
  await form.getByLabel("修改理由").fill(PLANTED);
  await form.getByRole("button", { name: "提交" }).click();
  await banner.getByTestId("proposal").waitFor();
  await synced(banner);
  await policyHeld(banner, "a proposal of one's own");
  await page.getByRole("link", { name: "定稿与审核" }).click();
  const card = page.getByTestId("proposal");
  await expect(card).toContainText("onload='window.planted");
  await card.getByRole("button", { name: "退回" }).click();
  await confirm(page, PLANTED);
  await expect(card).toContainText("退回");
  await synced(page);
  await policyHeld(page, "a proposal that is returned");
  for (const view of ["history", "plan"]) {
    await page.goto(`${server.address}${board.replace(/\/list$/, "")}/${view}`);
    await expect(page.locator("main")).toContainText("onload");
    await policyHeld(page, view);
  }

  // The published page of it.
  await synced(page);
  await page.getByRole("button", { name: "发布", exact: true }).click();
  await page.getByTestId("confirm-publish").click();
  await expect(page.getByTestId("confirm-publish")).toHaveCount(0);
  await synced(page);
  const path = await page.getByRole("link", { name: /公开页/ }).getAttribute("href");
  for (const address of [path, path.replace(/\/1$/, ""), path.replace(/\/[^/]+\/1$/, "")]) {
    await page.goto(server.address + address);
    await page.locator("h1").waitFor();
    await expect(page.locator("body")).toContainText("window.planted");
    await policyHeld(page, address);
  }
  await server.end();
});

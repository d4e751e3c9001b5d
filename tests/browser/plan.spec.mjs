// A settled plan: proposals drafted offline, consented to, reviewed side by side; what came in unseen
// is looked at before anything is published.
import { confirm, leave } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { edit, settle } from "./plan.mjs";
import { Server, openBoard, signIn, synced } from "./server.mjs";

let server;

test.beforeEach(async () => {
  server = await Server.start();
});

test.afterEach(async () => {
  await server.end();
});

async function openPlan(browser, login, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await signIn(page, server.address, login);
  await synced(page);
  await openBoard(page);
  return { context, page };
}

const firstItem = (page) => page.getByTestId("item").first().getByRole("link");

test("a settled plan changes by a proposal: drafted offline, consented to, accepted", async ({ browser }) => {
  test.setTimeout(120_000);
  const { page: lead } = await openPlan(browser, "office");
  await settle(lead);
  await expect(lead.locator(".tag", { hasText: "已定稿" })).toBeVisible();

  const { context, page } = await openPlan(browser, "hailar", { viewport: { width: 412, height: 915 } });
  await expect(page.locator(".tag", { hasText: "已定稿" })).toBeVisible();
  await firstItem(page).click();
  await page.getByTestId("headline").waitFor();
  await expect(page.locator(".panel").getByRole("button", { name: "编辑", exact: true })).toHaveCount(0);
  await context.setOffline(true);
  await page.getByRole("button", { name: "提出修改" }).click();
  const form = page.getByTestId("proposal-form");
  await form.getByLabel("标题", { exact: true }).fill("丰富农畜产品供给");
  await form.getByLabel("期限").fill("2026-12-31");
  await form.getByLabel("添加单位").selectOption({ label: "市教育局" });
  await form.getByLabel("修改理由").fill("与旗县实际情况一致");
  await form.locator(".checks").getByLabel("满洲里市").check();
  await expect(form.getByText("草稿已存本机")).toBeVisible();
  await page.screenshot({ path: "browser/shots/plan-form-phone.png", fullPage: true });
  // A draft stays on the device, without a network and after the page was loaded anew.
  await page.reload();
  await page.getByRole("button", { name: "提出修改" }).click();
  await expect(form.getByLabel("标题", { exact: true })).toHaveValue("丰富农畜产品供给");
  await expect(form.getByLabel("修改理由")).toHaveValue("与旗县实际情况一致");
  await form.getByRole("button", { name: "提交" }).click();
  await expect(page.getByTestId("proposal")).toContainText("会签中");
  await context.setOffline(false);
  await synced(page);

  // The unit that was asked did not take part in the board before; now it reads and answers.
  const asked = await (await browser.newContext()).newPage();
  await signIn(asked, server.address, "jiaoyu");
  await asked.locator("li", { hasText: "请会签" }).getByRole("link").click();
  const card = asked.getByTestId("proposal");
  await expect(card.getByRole("button", { name: "采纳" })).toHaveCount(0);
  // Without a reason nothing is said; the question stays.
  await card.getByRole("button", { name: "不同意" }).click();
  await asked.getByTestId("ask-yes").click();
  await expect(asked.getByTestId("ask").getByRole("alert")).toContainText("必填");
  await leave(asked);
  await expect(card).toContainText("待会签");
  await card.getByRole("button", { name: "同意", exact: true }).click();
  await confirm(asked, "可以配合");
  await expect(card).toContainText("✓ 同意：可以配合");
  await synced(asked);

  await lead.getByRole("link", { name: "定稿与审核" }).click();
  const review = lead.getByTestId("proposal");
  await expect(review).toContainText("可以配合");
  await expect(review.getByTestId("changes")).toContainText("丰富农畜产品供给");
  await expect(review.getByTestId("changes")).toContainText("2026-12-31");
  await lead.screenshot({ path: "browser/shots/plan-review.png", fullPage: true });
  await noViolations(lead, "the review of a proposal");
  // Others were asked and have not answered: accepting without them wants a reason.
  await review.getByRole("button", { name: "采纳" }).click();
  await expect(lead.getByText("会签未完，采纳须写明理由")).toBeVisible();
  await confirm(lead, "已电话征求意见");
  await expect(review).toContainText("已采纳");
  await expect(lead.getByTestId("plan-state")).toContainText("已定稿：");
  await synced(lead);
  await expect(page.getByTestId("item").first()).toContainText("丰富农畜产品供给");
  await expect(page.locator(".panel .chip", { hasText: "市教育局" }).first()).toBeVisible();

  // A second one is returned, and leaves the plan as it is.
  await page.getByRole("button", { name: "提出修改" }).click();
  await form.getByLabel("标题", { exact: true }).fill("另一个标题");
  await form.getByLabel("修改理由").fill("试一试");
  await form.getByRole("button", { name: "提交" }).click();
  await synced(page);
  const second = lead.getByTestId("proposal").filter({ hasText: "另一个标题" });
  await second.getByRole("button", { name: "退回" }).click();
  await confirm(lead, "与文件不一致");
  await expect(second).toContainText("退回");
  await expect(lead.getByTestId("plan-state")).toContainText("已定稿：");
});

test("words of somebody who had not seen that a plan was settled are kept and looked at", async ({ browser }) => {
  test.setTimeout(120_000);
  const { page: lead } = await openPlan(browser, "office");
  const { context, page: away } = await openPlan(browser, "hailar");
  await firstItem(away).click();
  await edit(away);
  await context.setOffline(true);
  await away.getByLabel("标题", { exact: true }).first().fill("外出时改的标题");
  await away.getByLabel("标题", { exact: true }).first().press("Tab");
  await settle(lead);
  await context.setOffline(false);
  await synced(away);
  await expect(away.getByLabel("标题", { exact: true }).first()).toBeDisabled();
  await lead.getByRole("link", { name: "定稿与审核" }).click();
  await expect(lead.getByTestId("plan-state")).toContainText("并入了");
  await expect(lead.getByTestId("changes").first()).toContainText("外出时改的标题");
  await lead.screenshot({ path: "browser/shots/plan-differs.png", fullPage: true });
  await noViolations(lead, "a plan that differs");
  // Nothing is published before it was looked at: the next act stands in its place.
  await expect(lead.getByRole("button", { name: "发布", exact: true })).toHaveCount(0);
  await expect(lead.getByRole("link", { name: "去确认并入的修改" })).toBeVisible();
  await lead.getByRole("button", { name: "恢复原来" }).click();
  await expect(lead.getByTestId("plan-state")).toContainText("已定稿：");
  await synced(lead);
  await expect(away.getByLabel("标题", { exact: true }).first()).not.toHaveValue("外出时改的标题");
});

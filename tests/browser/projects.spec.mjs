// An enterprise sees and writes on its own items, also without a network, and nothing of others.
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { confirm } from "./ask.mjs";
import { Server, signIn, synced } from "./server.mjs";

test("an enterprise sees its own matters, writes without a network, and confirms what was solved", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = await Server.start();
  const context = await browser.newContext({ viewport: { width: 412, height: 915 } });
  const page = await context.newPage();
  await page.goto(server.address);
  await page.getByLabel("用户名").fill("ruye");
  await page.getByLabel("密码").fill("tongban-demo");
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page.getByRole("heading", { name: /我的事项/ })).toBeVisible();
  const project = page.getByTestId("matter").filter({ hasText: "乳品深加工项目" }).first();
  await expect(project.getByTestId("matter-state").first()).toHaveText("实施");
  await expect(page.getByText("风电装备制造项目")).toHaveCount(0);
  // Neither boards nor lists of units are offered.
  const rail = page.getByRole("navigation", { name: "导航" });
  await expect(rail.getByRole("link")).toHaveText([/我的事项/, /本机/]);
  await expect(page.locator(".top__unit")).toHaveText("乳业企业（示例）");
  await synced(page);
  await page.screenshot({ path: "browser/shots/matters-phone.png", fullPage: true });
  await noViolations(page, "my matters");

  // Written without a network, kept over a reload, received when there is one again.
  await context.setOffline(true);
  await project.getByTestId("saying").getByLabel("向有关单位说明").fill("蒸汽什么时候接通？");
  await project.getByTestId("saying").getByRole("button", { name: "保存" }).click();
  const line = project.getByTestId("said").locator("li").filter({ hasText: "蒸汽什么时候接通" });
  await expect(line).toContainText("等待送达");
  await page.reload();
  await expect(line).toContainText("等待送达");
  await context.setOffline(false);
  await synced(page);
  await expect(line).not.toContainText("等待送达", { timeout: 20_000 });

  // The unit that holds it reads the question and answers; the answer is shown.
  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  await office.getByRole("link", { name: "招商引资项目全周期（演示）" }).click();
  await office.getByRole("link", { name: "乳品深加工项目" }).click();
  await expect(office.locator(".entries")).toContainText("蒸汽什么时候接通？");
  await office.locator(".entries li").filter({ hasText: "蒸汽什么时候接通" }).getByRole("button", { name: "答复" }).click();
  await office.getByLabel("写一条进展").fill("下月底前接通。");
  await office.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
  await synced(office);
  await page.getByRole("button", { name: "刷新" }).click();
  await expect(project.getByTestId("said")).toContainText("下月底前接通。");

  // The enterprise confirms a trouble that it raised and a unit solved.
  const trouble = page.getByTestId("matter").filter({ hasText: "厂区用电增容" });
  await expect(trouble.getByTestId("matter-state")).toHaveText("已解决");
  await trouble.getByRole("button", { name: /已确认/ }).click();
  await confirm(page);
  await expect(trouble.getByTestId("matter-state")).toHaveText("已确认", { timeout: 20_000 });
  // Confirmed after what the units had written, not beside it.
  await office.getByRole("link", { name: "厂区用电增容" }).click();
  await expect(office.getByTestId("state")).toHaveText("已确认");
  await expect(office.locator(".clash")).toHaveCount(0);

  // Another tab is told as well, writes on its own, and both show it.
  const second = await context.newPage();
  await second.goto(server.address);
  const there = second.getByTestId("matter").filter({ hasText: "乳品深加工项目" }).first();
  await there.getByTestId("saying").getByLabel("向有关单位说明").fill("第二个窗口写的");
  await there.getByTestId("saying").getByRole("button", { name: "保存" }).click();
  for (const one of [project, there]) {
    const written = one.getByTestId("said").locator("li").filter({ hasText: "第二个窗口写的" });
    await expect(written).toBeVisible();
    await expect(written).not.toContainText("等待送达", { timeout: 20_000 });
  }

  const desk = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await desk.goto(server.address);
  await desk.getByLabel("用户名").fill("ruye");
  await desk.getByLabel("密码").fill("tongban-demo");
  await desk.getByRole("button", { name: "登录" }).click();
  await expect(desk.getByTestId("matter").first()).toBeVisible();
  await synced(desk);
  await expect(desk.getByTestId("said").first()).toContainText("蒸汽什么时候接通？");
  await desk.screenshot({ path: "browser/shots/matters-desktop.png", fullPage: true });
  await server.end();
});

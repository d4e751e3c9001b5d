// A network that swallows everything and tells nobody: the app notices, and what was written goes out.
import { execFileSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { expect, test } from "./guard.mjs";
import { PLAN, Server, openBoard, openFirstItem, program, signIn, synced } from "./server.mjs";

test("a connection that has gone silent is noticed and made anew", async ({ browser }) => {
  test.setTimeout(180_000);
  const server = await Server.start();
  const page = await (await browser.newContext()).newPage();
  let swallows = false;
  let connections = 0;
  await page.routeWebSocket(/\/sync/, (socket) => {
    connections += 1;
    const far = socket.connectToServer();
    const mine = connections;
    // Only what stood when the network went bad goes nowhere.
    const silent = () => swallows && mine === 1;
    socket.onMessage((message) => { if (!silent()) far.send(message); });
    far.onMessage((message) => { if (!silent()) socket.send(message); });
  });
  await signIn(page, server.address);
  await synced(page);
  await openBoard(page);
  await expect(page.getByTestId("item").first()).toBeVisible();
  expect(connections).toBe(1);
  swallows = true;
  await openFirstItem(page);
  await page.getByLabel("写一条进展").fill("断网时写的");
  await page.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
  await expect(page.locator('[data-testid="badge"]')).not.toHaveAttribute("data-state", "synced");
  await page.locator('[data-testid="badge"][data-state="synced"]').waitFor({ timeout: 120_000 });
  expect(connections).toBeGreaterThan(1);

  const other = await (await browser.newContext()).newPage();
  await signIn(other, server.address, "hailar");
  await synced(other);
  await openBoard(other);
  await openFirstItem(other);
  await expect(other.getByText("断网时写的").first()).toBeVisible();
  await server.end();
});

test("a server that was restored from a backup is told, and gets back what came after it", async ({ browser }, info) => {
  test.setTimeout(120_000);
  const server = await Server.start();
  const page = await (await browser.newContext()).newPage();
  await signIn(page, server.address, "hailar");
  await synced(page);
  await openBoard(page);
  await openFirstItem(page);
  const keeper = await (await browser.newContext()).newPage();
  await signIn(keeper, server.address);
  await keeper.goto(`${server.address}/audit`);
  await expect(keeper.getByTestId("last-backup")).toContainText("服务器还没有备份过");
  const backup = info.outputPath("backup.db");
  const data = info.outputPath("restored");
  await mkdir(data, { recursive: true });
  execFileSync(program, ["backup", backup, "--data", server.data]);
  await keeper.reload();
  await expect(keeper.getByTestId("last-backup")).toHaveText(/^服务器最近一次备份：\d{4}-\d\d-\d\d \d\d:\d\d$/);
  await keeper.screenshot({ path: "browser/shots/last-backup.png" });
  await keeper.context().close();
  const write = async (words) => {
    await page.getByLabel("写一条进展").fill(words);
    await page.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
    await expect(page.getByText(words, { exact: true })).toBeVisible();
  };
  await write("备份之后写的");
  await synced(page);
  await page.getByTestId("badge").click();
  await expect(page.getByText("没有待上传的内容")).toBeVisible();
  await expect(page.getByTestId("outbox").or(page.getByTestId("restored"))).toHaveCount(0);
  await page.keyboard.press("Escape");

  await server.down();
  await write("停机时写的");
  await page.getByTestId("badge").click();
  await expect(page.getByTestId("outbox").locator("li")).toHaveText([`${PLAN}：1 条记录`]);
  await page.keyboard.press("Escape");
  execFileSync(program, ["restore", backup, "--data", data]);
  const lost = server.data;
  server.data = data;
  await server.up();
  await expect(page.locator(".notice")).toContainText("服务器从备份恢复过", { timeout: 60_000 });
  await synced(page);
  const other = await (await browser.newContext()).newPage();
  await signIn(other, server.address);
  await synced(other);
  await openBoard(other);
  await openFirstItem(other);
  for (const words of ["备份之后写的", "停机时写的"]) await expect(other.getByText(words).first()).toBeVisible();
  // It stands in the outbox for days.
  await page.reload();
  await synced(page);
  await page.getByTestId("badge").click();
  await expect(page.getByTestId("restored")).toContainText("服务器从备份恢复过");
  await page.screenshot({ path: "browser/shots/restored.png" });
  await server.end();
  await rm(lost, { recursive: true, force: true });
});

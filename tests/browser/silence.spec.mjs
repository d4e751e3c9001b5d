// A network that swallows everything and tells nobody: the app notices, and what was written goes out.
import { expect, test } from "./guard.mjs";
import { Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

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

// A client of automerge-repo, as npm has it, and our app on one board: the wire is the same.
import { expect, test } from "./guard.mjs";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { documentUrl } from "./address.mjs";
import { edit } from "./plan.mjs";
import { Server, signIn, synced } from "./server.mjs";

// The token of a program: the secret of a session.
async function token(address, login) {
  const answer = await fetch(`${address}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login, password: "tongban-demo" }),
  });
  return { secret: /tongban=([^;]+)/.exec(answer.headers.get("set-cookie"))[1], ...(await answer.json()) };
}

async function connect(server, login) {
  const session = await token(server.address, login);
  const adapter = new WebSocketClientAdapter(`ws://127.0.0.1:${server.port}/sync?token=${session.secret}`);
  const errors = [];
  const receive = adapter.receiveMessage.bind(adapter);
  adapter.receiveMessage = (message) => {
    const text = Buffer.from(message).toString("utf8");
    if (text.includes("error") && text.includes("no-right")) errors.push(text);
    return receive(message);
  };
  const repo = new Repo({ network: [adapter], peerId: `test-${login}` });
  await repo.networkSubsystem.whenReady();
  return { repo, session, errors };
}

test("a client of automerge-repo converges with the app, and is refused by name", async ({ page }) => {
  const server = await Server.start();
  try {
    await signIn(page, server.address);
    await synced(page);
    const board = (await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).getAttribute("href")).slice(3);
    await page.goto(`${server.address}/b/${board}`);

    const banner = await connect(server, "hailar");
    const handle = await banner.repo.find(documentUrl(board));
    const [id] = Object.keys(handle.doc().items);
    handle.change((doc) => { doc.items[id].title = "由脚本改写的标题"; });
    await expect(page.getByText("由脚本改写的标题")).toBeVisible({ timeout: 15_000 });

    await page.getByText("由脚本改写的标题").click();
    await edit(page);
    await page.getByLabel("标题", { exact: true }).fill("应用又改了一次");
    await page.getByLabel("标题", { exact: true }).press("Tab");
    await expect.poll(() => String(handle.doc().items[id].title), { timeout: 15_000 }).toBe("应用又改了一次");

    // Units are written by administrators only.
    const space = await banner.repo.find(documentUrl(banner.session.space));
    space.change((doc) => { doc.name = "不应被接受"; });
    await expect.poll(() => banner.errors.length, { timeout: 15_000 }).toBeGreaterThan(0);
    await page.goto(server.address);
    await expect(page.locator(".top__name")).toHaveText("呼伦贝尔（演示）");

    // A document of its own making is not taken.
    const own = banner.repo.create({ title: "外来文档" });
    await page.waitForTimeout(1000);
    const other = await connect(server, "office");
    await expect(other.repo.find(own.url, { signal: AbortSignal.timeout(5000) })).rejects.toThrow();
    await Promise.race([Promise.all([banner.repo.shutdown(), other.repo.shutdown()]), new Promise((done) => setTimeout(done, 2000))]);
  } finally {
    await server.end();
  }
});

// Unified sign-in: bound by the person, used without a password, and not fooled.
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { Provider } from "./provider.mjs";
import { Server, signIn, synced } from "./server.mjs";

const BUTTON = { name: "登录方式：示范统一身份" };

test("an account is bound to unified sign-in, comes in by it, and no false word is believed", async ({ browser }) => {
  test.setTimeout(180_000);
  const provider = await Provider.start();
  const server = await Server.prepare();
  const address = `http://localhost:${server.port}`;
  await server.up(provider.options(address), provider.environment());
  const come = async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(address);
    await page.getByRole("button", BUTTON).click();
    return page;
  };
  const refused = async (words) => {
    const page = await come();
    await expect(page.getByRole("alert")).toContainText(words);
    const answer = await page.request.get(`${address}/api/session`);
    expect(answer.status(), "nobody is signed in").toBe(401);
    await page.context().close();
  };

  // A person who is bound to no account does not come in.
  provider.subject = "zhang";
  await refused("还没有绑定账号");

  // A person binds the account they have, with its password.
  const first = await (await browser.newContext()).newPage();
  await signIn(first, address, "hailar");
  await synced(first);
  await first.goto(`${address}/device`);
  const ways = first.getByTestId("ways");
  await expect(ways.getByText("尚未绑定")).toBeVisible();
  await ways.getByLabel("当前密码").fill("tongban-demo");
  await ways.getByRole("button", { name: "绑定", exact: true }).click();
  await expect(ways.getByText("已绑定，可以用它登录")).toBeVisible();
  await first.screenshot({ path: "browser/shots/provider-bound.png" });

  // From then on they come in without a password.
  const page = await come();
  await page.getByRole("heading", { name: "工作台" }).waitFor();
  await synced(page);
  await expect(page.locator(".top__unit")).toHaveText("海拉尔区人民政府");

  // Nobody else binds the same identity.
  const other = await (await browser.newContext()).newPage();
  await signIn(other, address, "jiaoyu");
  await other.goto(`${address}/device`);
  await other.getByTestId("ways").getByLabel("当前密码").fill("tongban-demo");
  await other.getByTestId("ways").getByRole("button", { name: "绑定", exact: true }).click();
  await expect(other.getByTestId("ways").getByRole("alert")).toContainText("已绑定别的账号");

  // A token for others, from long ago, to another question, or unsigned is not believed.
  for (const lie of ["issuer", "audience", "time", "nonce", "key", "unsigned"]) {
    provider.lie = lie;
    await refused("没有通过");
  }
  provider.lie = null;

  // A browser that was not sent, or was sent before, does not come in with what another was given.
  const stolen = await (await browser.newContext()).newPage();
  await stolen.goto(address);
  provider.holds = true;
  await stolen.getByRole("button", BUTTON).click();
  await expect.poll(() => provider.codes.size).toBe(1);
  const [code] = provider.codes.keys();
  const thief = await (await browser.newContext()).newPage();
  await thief.goto(`${address}/api/provider/back?code=${code}&state=${provider.last.state}`);
  await expect(thief.getByRole("alert")).toContainText("没有通过");
  provider.holds = false;
  await stolen.goto(`${address}/api/provider/back?code=${code}&state=${provider.last.state}`);
  await stolen.getByRole("heading", { name: "工作台" }).waitFor();
  await thief.goto(`${address}/api/provider/back?code=${code}&state=${provider.last.state}`);
  await expect(thief.getByRole("alert")).toContainText("没有通过");

  // Unbound, it is no way in any more.
  await ways.getByLabel("当前密码").fill("tongban-demo");
  await ways.getByRole("button", { name: "解除绑定" }).click();
  await expect(ways.getByText("尚未绑定")).toBeVisible();
  await refused("还没有绑定账号");

  const phone = await (await browser.newContext({ viewport: { width: 412, height: 915 } })).newPage();
  await phone.goto(address);
  await expect(phone.getByRole("button", BUTTON)).toBeVisible();
  await noViolations(phone, "sign-in with a provider");
  await phone.screenshot({ path: "browser/shots/provider-phone.png" });
  await server.end();
  provider.end();
});

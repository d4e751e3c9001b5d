// Passkeys and one-time codes in a real browser, with an authenticator of the browser's own.
import { createHmac } from "node:crypto";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { Server, signIn, synced } from "./server.mjs";

async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    verifies: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

// RFC 6238 with the secret in base 32.
function code(secret, time = Date.now() / 1000) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(time / 30)));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function signOut(page) {
  await page.goto(new URL("/device", page.url()).href);
  // A person who leaves with something unsent is asked a second time.
  await synced(page);
  await page.getByRole("button", { name: "退出登录" }).click();
  await page.getByLabel("用户名").waitFor();
}

test("a passkey is made, signs in without a password, cannot be used twice, and is removed", async ({ browser, guard }) => {
  // A wrong password, and a passkey that was removed.
  guard.expects(/^answer: 401 POST \/api\/ways\/passkeys$/, /^answer: 401 POST \/api\/passkey\/session$/);
  test.setTimeout(120_000);
  const server = await Server.start();
  const address = `http://localhost:${server.port}`;
  const context = await browser.newContext();
  const page = await context.newPage();
  const device = await authenticator(page);
  await signIn(page, address, "hailar");
  await synced(page);
  await page.getByRole("link", { name: "本机" }).first().click();
  const ways = page.getByTestId("ways");
  await ways.getByPlaceholder("给它起名").fill("办公室电脑");
  // Not without the password of the person.
  await expect(ways.getByRole("button", { name: "添加通行密钥" })).toBeDisabled();
  await ways.getByLabel("当前密码").fill("not it");
  await ways.getByRole("button", { name: "添加通行密钥" }).click();
  await expect(page.getByText("用户名或密码不对")).toBeVisible();
  await ways.getByLabel("当前密码").fill("tongban-demo");
  await ways.getByRole("button", { name: "添加通行密钥" }).click();
  await expect(ways.getByText("办公室电脑")).toBeVisible();
  await expect(ways.getByText("还没有用过")).toBeVisible();
  await noViolations(page);
  await page.screenshot({ path: "browser/shots/ways-desktop.png", fullPage: true });
  await signOut(page);
  await page.screenshot({ path: "browser/shots/sign-in-passkey.png" });

  const sent = page.waitForRequest((request) => request.url().endsWith("/api/passkey/session"));
  await page.getByRole("button", { name: "使用通行密钥" }).click();
  await page.getByRole("heading", { name: "工作台" }).waitFor();
  // A used answer is worth nothing a second time, nor on a page of another site.
  const answer = (await sent).postData();
  const again = await context.request.post(`${address}/api/passkey/session`, {
    data: answer, headers: { "content-type": "application/json", origin: address },
  });
  expect(again.status()).toBe(401);
  const asked = await context.request.post(`${address}/api/passkey`, { headers: { origin: "http://example.org" } });
  expect(asked.status()).toBe(403);

  // A person who cannot unlock it does not come in.
  await signOut(page);
  await device.verifies(false);
  await page.getByRole("button", { name: "使用通行密钥" }).click();
  await expect(page.getByRole("alert")).toContainText("没有使用通行密钥");
  await device.verifies(true);
  await page.getByRole("button", { name: "使用通行密钥" }).click();
  await page.getByRole("heading", { name: "工作台" }).waitFor();
  await page.getByRole("link", { name: "本机" }).first().click();
  await expect(ways.getByText("上次使用")).toBeVisible();
  await ways.getByLabel("当前密码").fill("tongban-demo");
  await ways.getByRole("button", { name: "删除" }).click();
  await expect(ways.getByText("还没有通行密钥")).toBeVisible();
  await signOut(page);
  await page.getByRole("button", { name: "使用通行密钥" }).click();
  await expect(page.getByRole("alert")).toContainText("没有认出这个通行密钥");
  await server.end();
});

test("a code of an authenticator app is asked for after the password", async ({ browser, guard }) => {
  // A wrong code, and a password without its code.
  guard.expects(/^answer: 401 POST \/api\/ways\/code\/confirm$/, /^answer: 401 POST \/api\/session$/);
  test.setTimeout(120_000);
  const server = await Server.start();
  const page = await (await browser.newContext({ viewport: { width: 412, height: 915 } })).newPage();
  await signIn(page, server.address, "jiaoyu");
  await synced(page);
  await page.goto(`${server.address}/device`);
  const ways = page.getByTestId("ways");
  await expect(ways.getByText("此处不能使用通行密钥")).toBeVisible();
  await ways.getByLabel("当前密码").fill("tongban-demo");
  await ways.getByRole("button", { name: "启用动态验证码" }).click();
  await expect(ways.getByRole("img", { name: "二维码" })).toBeVisible();
  const secret = await ways.getByTestId("code-secret").textContent();
  await noViolations(page);
  await page.screenshot({ path: "browser/shots/code-phone.png", fullPage: true });
  const confirm = async (word) => {
    await ways.locator("form").getByLabel("动态验证码").fill(word);
    await ways.getByRole("button", { name: "确认" }).click();
  };
  await confirm("000");
  await expect(page.getByText("动态验证码不对或已用过")).toBeVisible();
  const time = Date.now() / 1000;
  await confirm(code(secret, time));
  await expect(ways.getByText("已启用：登录时")).toBeVisible();
  await signOut(page);
  await page.getByLabel("用户名").fill("jiaoyu");
  await page.getByLabel("密码").fill("tongban-demo");
  await page.getByRole("button", { name: "登录" }).click();
  await expect(page.getByText("打开验证器应用")).toBeVisible();
  await page.screenshot({ path: "browser/shots/sign-in-code-phone.png" });
  await page.getByLabel("动态验证码").fill(code(secret, time + 30));
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("heading", { name: "工作台" }).waitFor();
  await server.end();
});

test("a person changes the own password on this device", async ({ browser, guard }) => {
  // The password of before, in another browser.
  guard.expects(/^answer: 401 POST \/api\/session$/);
  const server = await Server.start();
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  await signIn(page, server.address, "hailar");
  await synced(page);
  await page.goto(`${server.address}/device`);
  const ways = page.getByTestId("ways");
  const change = ways.getByRole("button", { name: "修改密码" });
  await expect(change).toBeDisabled();
  await ways.getByLabel("当前密码").fill("tongban-demo");
  await ways.getByLabel("新密码（至少 8 位）").fill("another password");
  await ways.getByLabel("再输一次新密码").fill("another passwort");
  await change.click();
  await expect(page.getByText("两次输入的新密码不一样")).toBeVisible();
  await ways.getByLabel("再输一次新密码").fill("another password");
  await change.click();
  await expect(page.getByText("密码已修改，其他登录已结束")).toBeVisible();
  await noViolations(page);
  await page.screenshot({ path: "browser/shots/password-phone.png", fullPage: true });
  await page.reload();
  await expect(page.getByTestId("ways")).toBeVisible();
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(server.address);
  await elsewhere.getByLabel("用户名").fill("hailar");
  await elsewhere.getByLabel("密码", { exact: true }).fill("tongban-demo");
  await elsewhere.getByRole("button", { name: "登录", exact: true }).click();
  await expect(elsewhere.getByText("用户名或密码不对")).toBeVisible();
  await elsewhere.getByLabel("密码", { exact: true }).fill("another password");
  await elsewhere.getByRole("button", { name: "登录", exact: true }).click();
  await elsewhere.getByRole("heading", { name: "工作台" }).waitFor();
  await server.end();
});

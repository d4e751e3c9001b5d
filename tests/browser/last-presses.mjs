// The presses that end a walk: they lock the device, end its certificate, its session, or sign out.
// Pressed last, each in turn; after each the app must show its next page, and must say something.

// Presses a button of 本机 and gives whether it was there.
async function pressOnDevice(walk, address, name) {
  await walk.open(`${address}/device`);
  await walk.page.evaluate(() => window.crawl.settled(200, 2000));
  const button = walk.page.getByRole("button", { name }).first();
  if (await button.count() === 0) return false;
  const before = await walk.page.evaluate(() => window.crawl.answers);
  await button.click({ timeout: 5000 });
  walk.presses += 1;
  const answered = () => walk.page.waitForFunction((was) => window.crawl?.answers !== was, before, { timeout: 3000 });
  await answered().catch(() => walk.fault(`said nothing at /device: last press “${name.source ?? name}”`));
  await walk.loaded();
  await walk.alive(`last press ${name}`);
  return true;
}

const signedOut = (page) => page.locator("main.page--quiet input[name=login]").isVisible();

async function comeBack(walk, signIn) {
  // An ended session is met at the next request.
  await walk.page.reload();
  await walk.loaded();
  await walk.page.waitForTimeout(500);
  if (await signedOut(walk.page)) await signIn();
}

// `pressed` of these: `signIn` signs the person in again where that can be done.
export async function lastPresses(walk, address, { offline, signIn, setLock }) {
  const { page } = walk;
  const done = [];
  walk.leaving = true;
  if (!offline && setLock) {
    await walk.open(`${address}/units`);
    await page.getByRole("button", { name: "启用锁定" }).click();
    await walk.page.locator("main.page--quiet input[inputmode=numeric]").first().waitFor({ timeout: 5000 }).catch(() => {});
    await walk.alive("启用锁定");
    if (await pressOnDevice(walk, address, /^锁定本机/)) done.push("锁定本机");
    else walk.fault("锁定本机 is not there where the device has a PIN");
  }
  if (await pressOnDevice(walk, address, /^停止使用/)) {
    await pressOnce(walk, /^再点一次确认/);
    done.push("停止使用");
    if (!offline) await comeBack(walk, signIn);
  }
  if (await pressOnDevice(walk, address, /^退出此设备/)) {
    done.push("退出此设备");
    if (!offline) await comeBack(walk, signIn);
  }
  // With something unsent it asks a second time.
  await pressOnDevice(walk, address, /^退出登录/);
  await page.waitForTimeout(1500);
  if (!(await signedOut(page))) await pressOnce(walk, /^退出登录/);
  await page.locator("main.page--quiet input[name=login]").waitFor({ timeout: 8000 }).then(() => done.push("退出登录"))
    .catch(() => walk.fault("退出登录 does not sign out"));
  await walk.loaded();
  await walk.alive("signed out");
  await refused(walk);
  return done;
}

async function pressOnce(walk, name) {
  const button = walk.page.getByRole("button", { name }).first();
  if (await button.count() === 0) return;
  // The notice of the first press may stand over it.
  const notice = walk.page.locator(".notice--open").getByRole("button", { name: "关闭" });
  if (await notice.count() > 0) await notice.click({ timeout: 1500 }).catch(() => {});
  await button.click({ timeout: 5000 });
  walk.presses += 1;
  await walk.page.waitForTimeout(500);
  await walk.loaded();
  await walk.alive(`last press ${name}`);
}

// The page of signing in: a wrong password is refused in words, and off the network so is the right one.
async function refused(walk) {
  const { page } = walk;
  walk.pages += 1;
  const form = page.locator("main.page--quiet form");
  await form.locator("input[name=login]").fill("nobody");
  await form.locator("input[name=password]").fill("not it at all");
  await form.locator("button[type=submit]").click();
  walk.presses += 1;
  await form.locator("[role=alert]").filter({ hasText: /./ }).waitFor({ timeout: 8000 }).catch(() => walk.fault("a wrong password is refused without a word"));
  const passkey = page.getByRole("button", { name: "使用通行密钥" });
  if (await passkey.count() > 0) {
    await passkey.click();
    walk.presses += 1;
    await page.waitForTimeout(1500);
    const words = await form.locator("[role=alert]").innerText({ timeout: 500 }).catch(() => "it signs in");
    if (words === "" && await signedOut(page)) walk.fault("a passkey that is not there is refused without a word");
  }
  await walk.alive("refused at signing in");
}

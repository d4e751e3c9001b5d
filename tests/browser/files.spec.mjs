// Photos: taken without a network, scaled down without their place, sent later, seen by others.
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "./guard.mjs";
import { noViolations } from "./axe.mjs";
import { Server, openBoard, openFirstItem, signIn, synced } from "./server.mjs";

const PLACE = "GPSLatitude 49.2122 Hailar";

// A photo as a phone takes it: drawn here, with a segment behind its head that says where.
async function photo(page, width, height) {
  const plain = await page.evaluate(async ([width, height]) => {
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext("2d");
    for (let x = 0; x < width; x += 40) {
      pen.fillStyle = `hsl(${x % 360} 60% 50%)`;
      pen.fillRect(x, 0, 40, height);
    }
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  }, [width, height]);
  const words = Buffer.from(`Exif\0\0${PLACE}`);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, words.length + 2]), words]);
  const bytes = Buffer.from(plain);
  return Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)]);
}

async function stored(server) {
  const whole = join(server.data, "files", "whole");
  const names = await readdir(whole, { recursive: true });
  return Promise.all(names.filter((name) => /[0-9a-f]{64}$/.test(name)).map((name) => readFile(join(whole, name))));
}

test("a photo is taken without a network, leaves its place behind, and reaches the others", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = await Server.start();
  const context = await browser.newContext({ viewport: { width: 412, height: 915 } });
  const page = await context.newPage();
  await signIn(page, server.address, "hailar");
  await synced(page);
  const [large, original] = [await photo(page, 4000, 3000), await photo(page, 300, 200)];
  await openBoard(page);
  await openFirstItem(page);
  await context.setOffline(true);
  await page.getByLabel("写一条进展").fill("现场已开工");
  const file = page.getByTestId("attach");
  await file.setInputFiles({ name: "现场.jpg", mimeType: "image/jpeg", buffer: large });
  await expect(page.locator(".files .chip")).toContainText("现场.jpg");
  await page.getByLabel("保留原图和拍摄信息").check();
  await file.setInputFiles({ name: "原图.jpg", mimeType: "image/jpeg", buffer: original });
  await file.setInputFiles({ name: "协议.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 协议") });
  await expect(page.locator(".files .chip")).toHaveCount(3);
  await page.screenshot({ path: "browser/shots/files-phone.png", fullPage: true });
  await page.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
  await expect(page.getByTestId("photo").locator("img")).toHaveCount(2);
  expect(await page.getByTestId("photo").locator("img").first().evaluate(async (image) => {
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  })).toEqual([1920, 1440]);
  // The badge counts what waits, and a restart of the page forgets nothing.
  await page.reload();
  await expect(page.getByTestId("badge")).toContainText(/待上传|离线/);
  await expect(page.getByTestId("photo").locator("img")).toHaveCount(2);
  expect(await stored(server).catch(() => [])).toHaveLength(0);
  await context.setOffline(false);
  await synced(page);
  const files = await stored(server);
  expect(files).toHaveLength(3);
  const places = files.filter((one) => one.includes(PLACE));
  expect(places).toHaveLength(1);
  expect(places[0].equals(original)).toBe(true);

  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  await openBoard(office);
  await openFirstItem(office);
  await expect(office.getByTestId("photo").locator("img")).toHaveCount(2);
  const [download] = await Promise.all([office.waitForEvent("download"), office.getByRole("button", { name: "协议.pdf" }).click()]);
  expect((await readFile(await download.path())).toString()).toContain("协议");
  await office.getByTestId("photo").first().scrollIntoViewIfNeeded();
  await office.screenshot({ path: "browser/shots/files-seen.png" });
  await noViolations(office, "an entry with files");
  await server.end();
});

test("a photo goes with its report in a file, from a device without a network to a colleague's, and on", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = await Server.start();
  const [mine, theirs] = [await browser.newContext(), await browser.newContext()];
  const [page, colleague] = [await mine.newPage(), await theirs.newPage()];
  // A device that has no network from before the others were certified.
  const cut = await browser.newContext();
  const away = await cut.newPage();
  await signIn(away, server.address);
  await synced(away);
  await cut.setOffline(true);
  for (const one of [page, colleague]) {
    await signIn(one, server.address, "hailar");
    await synced(one);
  }
  const picture = await photo(page, 600, 400);
  await openBoard(page);
  await openFirstItem(page);
  const item = page.url();
  await mine.setOffline(true);
  await page.getByLabel("写一条进展").fill("带照片的进展");
  await page.getByTestId("attach").setInputFiles({ name: "现场.jpg", mimeType: "image/jpeg", buffer: picture });
  await expect(page.locator(".files .chip")).toHaveCount(1);
  await page.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
  await expect(page.getByTestId("photo").locator("img")).toHaveCount(1);
  await page.getByTestId("badge").click();
  await page.getByRole("link", { name: "本机" }).last().click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "导出备份文件" }).click()]);
  await expect(page.getByText("已导出，附件 1")).toBeVisible();
  const file = await readFile(await download.path());

  // The colleague has a network; twice changes nothing.
  const take = async (buffer) => {
    await colleague.goto(`${server.address}/device`);
    await colleague.locator("input[type=file]").setInputFiles({ name: "同办.bundle", mimeType: "application/octet-stream", buffer });
  };
  // Its end was lost.
  await take(file.subarray(0, file.length - 10));
  await expect(colleague.getByText("附件不完整")).toBeVisible();
  // Somebody has changed it on its way: only records that prove themselves are read.
  const head = file.indexOf("\nseal ");
  const spoilt = Buffer.from(file);
  spoilt.write("0".repeat(20), head + 90);
  await take(spoilt);
  await expect(colleague.getByText("没有可信的整体签名，只读取了有签名的记录")).toBeVisible();
  await take(file);
  await expect(colleague.getByText(/已导入，新增内容 \d+；新增附件 \d；来自 海拉尔区人民政府/)).toBeVisible();
  await synced(colleague);
  await take(file);
  await expect(colleague.getByText("已导入，新增内容 0；新增附件 0")).toBeVisible();
  await colleague.screenshot({ path: "browser/shots/bundle-taken.png" });
  await colleague.goto(item);
  await expect(colleague.getByText("带照片的进展")).toBeVisible();
  await expect(colleague.getByTestId("photo").locator("img")).toHaveCount(1);
  // It has gone on to the server, and to whoever reads there, though the device has had no network yet.
  expect(await stored(server)).toHaveLength(1);
  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  await office.goto(item);
  await expect(office.getByText("带照片的进展")).toBeVisible();
  await expect(office.getByTestId("photo").locator("img")).toHaveCount(1);
  // Nobody has told the one without a network who the author is but the file itself, and that is kept.
  await away.getByRole("link", { name: "本机" }).last().click();
  await away.locator("input[type=file]").setInputFiles({ name: "同办.bundle", mimeType: "application/octet-stream", buffer: file });
  await expect(away.getByText(/已导入，新增内容 \d+；新增附件 \d/)).toBeVisible();
  for (const _ of [1, 2]) {
    await away.goto(item);
    await expect(away.getByText("带照片的进展")).toBeVisible();
    await expect(away.getByTestId("photo").locator("img")).toHaveCount(1);
  }
  await mine.setOffline(false);
  await synced(page);
  await server.end();
});

test("the app goes on with a file from where its sending broke off", async ({ browser, guard }) => {
  guard.expects(/^request failed: POST .*\/api\/files\/.*at=262144 net::ERR_FAILED$/);
  const server = await Server.start();
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, server.address, "hailar");
  await synced(page);
  const sent = [];
  await context.route(/\/api\/files\/[0-9a-f]{64}\?.*at=/, (route) => {
    sent.push(Number(new URL(route.request().url()).searchParams.get("at")));
    return sent.length === 2 ? route.abort() : route.continue();
  });
  await openBoard(page);
  await openFirstItem(page);
  const content = Buffer.concat([Buffer.from("%PDF-1.4 "), randomBytes(700_000)]);
  await page.getByLabel("写一条进展").fill("附协议全文");
  await page.getByTestId("attach").setInputFiles({ name: "协议.pdf", mimeType: "application/pdf", buffer: content });
  await expect(page.locator(".files .chip")).toHaveCount(1);
  await page.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
  await synced(page);
  expect(sent).toEqual([0, 262144, 262144, 524288]);
  expect((await stored(server)).map((one) => one.equals(content))).toEqual([true]);
  await server.end();
});

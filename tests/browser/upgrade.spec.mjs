// A running browser is upgraded twice: page, kept files and office worker are of one build each time,
// and a page of an earlier build that is still open gets its own files, or is told to be opened anew.
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { expect, test } from "./guard.mjs";
import { Server, signIn, synced } from "./server.mjs";

const BUILT = process.env.TONGBAN_APP ?? resolve("../app/dist");

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// The app in a folder as another compile would leave it: a mark in the office worker's script and module,
// in the icon and in the page, with the names and the list that follow from the bytes.
async function build(folder, mark) {
  await rm(folder, { recursive: true, force: true });
  // Packed copies would be those of the build before.
  await cp(BUILT, folder, { recursive: true, filter: (file) => !/\.(br|gz)$/.test(file) });
  const names = await readdir(folder);
  const put = async (old, change, rename_to) => {
    const bytes = change(await readFile(join(folder, old)));
    const name = rename_to?.(sha256(bytes).slice(0, 16)) ?? old;
    await writeFile(join(folder, old), bytes);
    await rename(join(folder, old), join(folder, name));
    return name;
  };
  const [oldModule, oldScript] = [/^office-.*_bg\.wasm$/, /^office-.*\.js$/].map((name) => names.find((one) => name.test(one)));
  // A section of its own, as the format of modules has it.
  const section = Buffer.concat([Buffer.from([0, mark.length + 1, mark.length]), Buffer.from(mark)]);
  const module = await put(oldModule, (bytes) => Buffer.concat([bytes, section]), (hash) => `office-${hash}_bg.wasm`);
  const script = await put(oldScript, (bytes) => `${bytes}`.replaceAll(oldModule, module) + `// ${mark}\n`, (hash) => `office-${hash}.js`);
  await put("icon.svg", (bytes) => `${bytes}<!-- ${mark} -->\n`);
  await put("index.html", (bytes) => `${bytes}`.replaceAll(oldScript, script).replace("</head>", `<meta name="mark" content="${mark}"></head>`));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) => one.isFile() && one.name !== "sw.js");
  const list = {};
  for (const one of files) {
    const path = join(one.parentPath ?? one.path, one.name);
    list[`/${relative(folder, path)}`] = sha256(await readFile(path));
  }
  await put("sw.js", (bytes) => `${bytes}`.replace(/const BUILD = ".*";/, `const BUILD = "tongban-${mark}";`).replace(/const FILES = \{[^}]*\};/, `const FILES = ${JSON.stringify(list)};`));
}

// The marks in the page, in what is kept of a build, and in what the page's office worker is made of.
function marksOf(page, mark) {
  return page.evaluate(async (build) => {
    const marks = (words) => [...new Set(words.match(/build[abc]x/g) ?? [])].join();
    const text = async (answer) => new TextDecoder("latin1").decode(await answer.arrayBuffer());
    const office = document.querySelector("meta[name='office-worker']").content;
    const script = await text(await fetch(office));
    const module = /module_or_path: "([^"]+)"/.exec(script)[1];
    const cache = await caches.open(`tongban-${build}`);
    const kept = async (path) => text(await cache.match(path));
    // The worker tells that it has started.
    const worker = new Worker(office);
    await new Promise((started, failed) => Object.assign(worker, { onmessage: started, onerror: failed }));
    worker.terminate();
    return {
      page: document.querySelector("meta[name='mark']").content,
      script: marks(script),
      module: marks(await text(await fetch(module))),
      kept: [marks(await kept("/index.html")), marks(await kept(office)), marks(await kept(module)), marks(await kept("/icon.svg"))],
    };
  }, mark);
}

const all = (mark) => ({ page: mark, script: mark, module: mark, kept: [mark, mark, mark, mark] });

test("after each of two upgrades page, kept files and office worker are of one build", async ({ page, context, guard }) => {
  const folder = await mkdtemp(join(tmpdir(), "tongban-app-"));
  const server = await Server.prepare();
  try {
    server.app = join(folder, "app");
    await build(server.app, "buildax");
    await server.up();
    await signIn(page, server.address);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await synced(page);
    expect(await marksOf(page, "buildax")).toEqual(all("buildax"));
    // Left open through both upgrades.
    const other = await context.newPage();
    await other.goto(`${server.address}/import`);
    const renew = (on) => on.getByRole("button", { name: "有新版本" });

    for (const mark of ["buildbx", "buildcx"]) {
      await server.down();
      await build(server.app, mark);
      await server.up();
      // The connection that comes back asks for a newer build.
      await expect(renew(page)).toBeVisible();
      await renew(page).click();
      await expect(page.locator(`meta[name='mark'][content='${mark}']`)).toBeAttached();
      await synced(page);
      expect(await marksOf(page, mark)).toEqual(all(mark));
      await expect(renew(page)).toHaveCount(0);
      // The page of the first build goes on with its own files, and says that there is a newer one.
      await expect(renew(other)).toBeVisible();
      expect(await marksOf(other, "buildax")).toEqual(all("buildax"));
    }

    // A device that kept nothing of the first build, nor its browser.
    guard.expects(/^answer: 404 GET \/office-[0-9a-f]{16}\.js$/);
    await other.evaluate(() => caches.delete("tongban-buildax"));
    await (await context.newCDPSession(other)).send("Network.clearBrowserCache");
    const file = { name: "通知.txt", mimeType: "text/plain", buffer: Buffer.from("一、工作目标") };
    await other.locator("input[type=file]").setInputFiles(file);
    await expect(other.getByText("程序已升级，这个页面还是旧版：请刷新页面后再试")).toBeVisible();
    await renew(other).click();
    await expect(other.locator("meta[name='mark'][content='buildcx']")).toBeAttached();

    // An upgrade in the middle of the download: half a build is never kept.
    await server.down();
    await build(server.app, "buildbx");
    await writeFile(join(server.app, "icon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'><!-- buildax --></svg>");
    await server.up();
    await synced(page);
    const refused = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update().catch(() => null);
      while (registration.installing) await new Promise((later) => setTimeout(later, 50));
      return registration.waiting === null;
    });
    expect(refused).toBe(true);
    expect(await marksOf(page, "buildcx")).toEqual(all("buildcx"));
  } finally {
    await server.end();
    await rm(folder, { recursive: true, force: true });
  }
});

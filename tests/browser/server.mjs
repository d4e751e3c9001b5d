// A Tongban server of a test's own: started, stopped, killed and started again on one port.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "@playwright/test";
import { stopped } from "./stopped.mjs";

export const program = process.env.TONGBAN_PROGRAM ?? resolve("../target/debug/tongban");

// A plan of the sample data with units of both regions.
export const PLAN = "京蒙协作“消费帮扶”举措清单";

const APP = process.env.TONGBAN_APP ?? resolve("../app/dist");

export async function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

export class Server {
  // A folder and a port; nothing runs yet.
  static async prepare() {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), "tongban-"));
    server.port = await freePort();
    server.address = `http://127.0.0.1:${server.port}`;
    return server;
  }

  static async start() {
    const server = await Server.prepare();
    await server.up();
    return server;
  }

  async up(more = [], environment = {}) {
    const options = ["serve", "--demo", "--listen", `127.0.0.1:${this.port}`, "--data", this.data, "--app", this.app ?? APP, ...more];
    this.process = spawn(program, options, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...environment } });
    await new Promise((ready, fail) => {
      this.process.once("exit", (code) => fail(new Error(`the server ended with ${code}`)));
      this.process.stdout.on("data", (text) => text.toString().includes("http://") && ready());
    });
  }

  // Stops the server as an operator would, or kills it as a power cut would.
  async down(signal = "SIGTERM") {
    this.process.removeAllListeners("exit");
    stopped.add(this.address);
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill(signal);
    await ended;
  }

  async end() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) await this.down("SIGKILL");
    await rm(this.data, { recursive: true, force: true });
  }
}

export async function signIn(page, address, login = "office") {
  await page.goto(address);
  await page.getByLabel("用户名").fill(login);
  await page.getByLabel("密码").fill("tongban-demo");
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("heading", { name: "工作台" }).waitFor();
}

export async function synced(page) {
  await page.locator('[data-testid="badge"][data-state="synced"]').waitFor({ timeout: 20_000 });
}

// The board, from the desk. Lists that fill while the pointer comes down may push its card away, as under a
// finger: it is pressed until the address changes.
export async function openBoard(page, title = PLAN) {
  const card = page.getByRole("link", { name: title });
  const before = page.url();
  const opened = async () => {
    if (page.url() === before) await card.click({ timeout: 5_000 });
    await expect(page, `the address after a press on ${title}`).not.toHaveURL(before, { timeout: 3_000 });
  };
  await telling(page, () => expect(opened).toPass({ timeout: 40_000 }));
}

// The panel of the first measure of the list that is shown.
export async function openFirstItem(page) {
  await telling(page, () => page.getByTestId("item").first().getByRole("link").first().click());
}

// An error of an act tells what the page showed instead: a run far away leaves words only.
async function telling(page, act) {
  try {
    await act();
  } catch (error) {
    const shown = await page.locator("body").innerText({ timeout: 2_000 }).catch((none) => none.message);
    throw new Error(`${error.message}\nat ${page.url()}:\n${shown.slice(0, 800)}`, { cause: error });
  }
}

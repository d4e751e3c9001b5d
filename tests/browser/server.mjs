// A Tongban server of a test's own: started, stopped, killed and started again on one port.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stopped } from "./stopped.mjs";

export const program = process.env.TONGBAN_PROGRAM ?? resolve("../target/debug/tongban");
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

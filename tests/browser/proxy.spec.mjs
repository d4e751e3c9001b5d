// The proxy of docs/deploy.md, as it stands there, before the server on a port that is not 443.
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import config from "../playwright.config.mjs";
import { expect, test } from "./guard.mjs";
import { Server, freePort, signIn, synced } from "./server.mjs";

const NAME = "tongban.example";

const { launchOptions } = config.use;
test.use({
  launchOptions: {
    ...launchOptions,
    args: [...launchOptions.args, `--host-resolver-rules=MAP ${NAME} 127.0.0.1`, "--ignore-certificate-errors"],
  },
});

// The sample with the ports and paths of this run; everything else is the reader's.
async function sample(replaced) {
  const docs = await readFile(resolve("../docs/deploy.md"), "utf8");
  let [, text] = /```nginx\n([\s\S]*?)```/.exec(docs);
  for (const [from, to] of Object.entries(replaced)) {
    expect(text, `the sample names ${from}`).toContain(from);
    text = text.replaceAll(from, to);
  }
  return text;
}

const listens = (port) => new Promise((told) => {
  const probe = connect(port, "127.0.0.1", () => told(true) || probe.destroy());
  probe.on("error", () => told(false));
});

test("sign-in, sync and public pages go through the nginx of the docs", async ({ page, guard }) => {
  const folder = await mkdtemp(join(tmpdir(), "tongban-proxy-"));
  const server = await Server.prepare();
  const port = await freePort();
  const origin = `https://${NAME}:${port}`;
  const [key, certificate] = [join(folder, "tongban.key"), join(folder, "tongban.pem")];
  let nginx;
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${NAME}`, "-keyout", key, "-out", certificate], { stdio: "ignore" });
    const site = await sample({
      "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
      "http://127.0.0.1:8080": server.address,
      "/etc/ssl/tongban.pem": certificate,
      "/etc/ssl/tongban.key": key,
      "/var/log/nginx/tongban.log": `${folder}/access.log`,
      "/var/log/nginx/tongban.error.log": `${folder}/site.log`,
    });
    const around = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${folder}/${one};`).join("\n");
    await writeFile(join(folder, "nginx.conf"), `user root;\nworker_processes 1;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\ngzip on;\ngzip_min_length 1;\ngzip_proxied any;\n${around}\n${site}\n}\n`);
    nginx = spawn("/usr/sbin/nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log"), "-g", "daemon off;"], { stdio: "inherit" });
    await server.up(["--secure", "--behind-proxy", "--address", origin]);
    await expect.poll(() => listens(port)).toBe(true);

    guard.expects(/^answer: 403 GET \/healthz$/);
    await signIn(page, origin);
    await synced(page);
    const cookies = (await page.context().cookies()).map((one) => [one.name, one.secure]).sort();
    expect(cookies).toEqual([["__Host-tongban", true], ["tongban-known", true]]);
    // The secret in the address of an invitation or a socket is not in the proxy's log.
    await page.evaluate(() => Promise.all(["/join/SECRET", "/p/?token=SECRET"].map((path) => fetch(path))));
    await expect.poll(() => readFile(join(folder, "access.log"), "utf8")).toContain("GET /join/- ");
    expect(await readFile(join(folder, "access.log"), "utf8")).not.toContain("SECRET");
    const seen = await page.evaluate(async () => {
      const index = await fetch("/p/");
      const tag = index.headers.get("etag");
      const again = await fetch("/p/", { headers: { "if-none-match": tag }, cache: "no-store" });
      return { status: index.status, tag: tag.slice(0, 2), again: again.status, health: (await fetch("/healthz")).status };
    });
    // Packed by the proxy, so its tag is weak, and still known; what is for the operator stays inside.
    expect(seen).toEqual({ status: 200, tag: "W/", again: 304, health: 403 });
    // Nor when the program does not answer.
    await page.close();
    await server.end();
    const asked = execFileSync("curl", ["--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}", "--resolve", `${NAME}:${port}:127.0.0.1`, `${origin}/api/invitations/SECRET`]);
    expect(String(asked)).toBe("502");
    for (const log of ["access.log", "site.log", "error.log"]) {
      expect(await readFile(join(folder, log), "utf8").catch(() => ""), log).not.toContain("SECRET");
    }
  } finally {
    nginx?.kill();
    await server.end();
    await rm(folder, { recursive: true, force: true });
  }
});

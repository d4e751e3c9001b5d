// Keeps the app itself on the device, so that it opens without a network.
// The build's name and its files with the SHA-256 of each are written in when the app is built.
const BUILD = "tongban-__BUILD__";
const FILES = { "__FILES__": "" };

// Builds kept beside the newest one: a page of an earlier build that is still open asks for its files here.
const EARLIER = 2;

// A file of this very build. The HTTP cache is passed by, for it may hold a file of another build
// under this name; and the server may be upgraded between two files.
async function whole(path) {
  const answer = await fetch(path, { cache: "reload" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const digest = await crypto.subtle.digest("SHA-256", await answer.clone().arrayBuffer());
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hash !== FILES[path]) throw new Error(`${path} is of another build`);
  return answer;
}

async function keep() {
  const known = await caches.has(BUILD);
  const cache = await caches.open(BUILD);
  const one = async (path) => cache.put(path, await whole(path));
  const kept = await Promise.allSettled(Object.keys(FILES).map(one));
  const failed = kept.find((result) => result.status === "rejected");
  if (!failed) return;
  // Half a build helps nobody; the browser tries again at the next visit.
  if (!known) await caches.delete(BUILD);
  throw failed.reason;
}

async function forget() {
  const names = (await caches.keys()).filter((name) => name.startsWith("tongban-") && name !== BUILD);
  await Promise.all(names.slice(0, Math.max(0, names.length - EARLIER)).map((name) => caches.delete(name)));
}

// Names that carry a hash are the same file in every build that has them.
async function kept(request) {
  return (await caches.match(request, { cacheName: BUILD })) ?? (hashed(request.url) ? caches.match(request) : undefined);
}

function hashed(address) {
  return /-[0-9a-f]{16}[._][^/]*$/.test(new URL(address).pathname);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));

self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));

// The page asks for the change when the person agrees; running pages are never pulled away.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === self.location.origin && event.request.method === "GET";
  const apart = ["/api", "/sync", "/p", "/healthz", "/metrics"].some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`));
  if (!ours || apart) return;
  const asked = event.request.mode === "navigate" ? new Request("/index.html") : event.request;
  event.respondWith(kept(asked).then((file) => file ?? fetch(event.request)));
});

// Keeps the app itself on the device, so that it opens without a network.
// The list of files and the build's name are written in when the app is built.
const BUILD = "tongban-__BUILD__";
const FILES = ["__FILES__"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(BUILD).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name.startsWith("tongban-") && name !== BUILD).map((name) => caches.delete(name))),
  );
  event.waitUntil(old.then(() => self.clients.claim()));
});

// The page asks for the change when the person agrees; running pages are never pulled away.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === self.location.origin && event.request.method === "GET";
  const apart = ["/api/", "/sync", "/p", "/healthz", "/metrics"].some((path) => url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`));
  if (!ours || apart) return;
  if (event.request.mode === "navigate") {
    event.respondWith(caches.match("/index.html", { cacheName: BUILD }).then((page) => page || fetch(event.request)));
    return;
  }
  event.respondWith(caches.match(event.request, { cacheName: BUILD }).then((file) => file || fetch(event.request)));
});

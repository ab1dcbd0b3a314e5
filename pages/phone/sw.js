// Keeps a version whole: after the first visit all comes from here.  A new version waits until no page
// of the old one is open, or until the visitor asks for it; then it replaces the old.
const NAME = "selfie-phone-VERSION";
const kept = FILES;
// What names the version is asked of the server: the browser's own cache would mix in an old one.
const asked = kept.map((file) => new Request(file, { cache: file.startsWith("VERSION/") ? "default" : "no-cache" }));

addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(asked))));

// Drops older versions, unless another window may still show one or what is there may be a newer one.
async function dropOld() {
  if ((await clients.matchAll({ type: "window", includeUncontrolled: true })).length > 1) return;
  const old = (name) => name.startsWith("selfie-phone-") && name !== NAME;
  const names = (await caches.keys()).filter(old);
  if (registration.installing || registration.waiting) return;
  await Promise.all(names.map((name) => caches.delete(name)));
}

addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => clients.claim())));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const how = { ignoreSearch: true, ignoreVary: true };
  const found = caches.open(NAME).then(async (cache) => (await cache.match(request, how)) ?? caches.match(request, how));
  event.respondWith(found.then((answer) => answer ?? fetch(request)));
  if (request.mode === "navigate") event.waitUntil(found.then(dropOld));
});

addEventListener("message", ({ data }) => data === "use" && skipWaiting());

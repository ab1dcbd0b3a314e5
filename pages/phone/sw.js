// Keeps a version whole: after the first visit all comes from here.  A new version waits until no page
// of the old one is open, or until the visitor asks for it; then it replaces the old.
const NAME = "selfie-phone-VERSION";
const kept = FILES;
// What names the version is asked of the server: the browser's own cache would mix in an old one.
const asked = kept.map((file) => new Request(file, { cache: file.startsWith("VERSION/") ? "default" : "no-cache" }));

addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(asked))));

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("selfie-phone-") && name !== NAME;
  const drop = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(drop.then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const found = caches.open(NAME).then((cache) => cache.match(event.request, { ignoreSearch: true, ignoreVary: true }));
  event.respondWith(found.then((answer) => answer ?? fetch(event.request)));
});

addEventListener("message", ({ data }) => data === "use" && skipWaiting());

// Keeps the page for a visit without a network, and says when a newer version waits.
import { make, makeButton } from "../shared/dom.js";
import { $ } from "./work.js";

let used = false; // the newer version was asked for in this window

// Begins once `ready` has settled: what later visits need must not delay this one.
export async function keepOffline(ready) {
  await ready.catch(() => {});
  if (!("serviceWorker" in navigator)) return said("It can't be kept for offline here; each visit fetches it anew.");
  try {
    const kept = await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
    const known = kept.active;
    const reload = makeButton("button", () => location.reload(), "Load it");
    const replaced = () => $("#kept").replaceChildren(make("span", "", "A newer version is in use in another window. "), reload);
    if (known) navigator.serviceWorker.addEventListener("controllerchange", () => (used ? location.reload() : replaced()));
    tellOfNewer(kept);
    kept.addEventListener("updatefound", () => kept.installing?.addEventListener("statechange", () => tellOfNewer(kept)));
    const { installing } = kept;
    await Promise.race([navigator.serviceWorker.ready, new Promise((done) => installing?.addEventListener("statechange", () => installing.state === "redundant" && done()))]);
    if (!kept.active) return said("It could not be kept for offline: this device has no room for it, or the network broke off. The next visit tries again.");
    if (!known) said("Kept on this device: it works without a network now.");
    document.body.dataset.kept = "";
  } catch {
    said("It can't be kept for offline here: this browser keeps nothing, as in a private window.");
  }
}

function tellOfNewer({ waiting }) {
  if (!waiting || !navigator.serviceWorker.controller) return; // the first one waits for a moment too
  const use = makeButton("button", () => {
    used = true;
    waiting.postMessage("use");
  }, "Use it now");
  $("#kept").replaceChildren(make("span", "", "The gallery or the net was renewed on the server. "), use);
}

function said(line) {
  $("#kept").textContent = line;
}

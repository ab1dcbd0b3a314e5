// What all pages do in the browser.

// On a narrow window the menu lies over the page: a choice closes it.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-testid=stSidebarNavLink]")) return;
  document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
});

// Back goes to the page before, at once.  Of what a page keeps in its address, only a photo that
// opens large is a place of its own; one that was closed is left behind, not returned to.
const push = history.pushState.bind(history);
const replace = history.replaceState.bind(history);
const photoOf = (url) => url.searchParams.get("id");
let closing = null; // where to stand once the browser has gone back from a photo; null at rest
history.pushState = (state, title, to) => {
  const here = new URL(location.href);
  const url = new URL(to ?? here, here);
  const opens = photoOf(url) && !photoOf(here);
  if (closing) closing = url;
  else if (url.pathname !== here.pathname) push(state, title, url);
  else if (opens) push({ ...state, opened: true }, title, url);
  else if (history.state?.opened && !photoOf(url)) {
    closing = url;
    addEventListener("popstate", arrive, { once: true, capture: true });
    history.back();
  } else replace({ ...state, opened: history.state?.opened }, title, url);
};

// A page may write its address again while the browser is under way: going back for each would
// leave the app.
function arrive() {
  const url = closing;
  closing = null;
  history.pushState(history.state, "", url);
}

// The page's views, of which one is shown at a time, the way back from each, and what is said.
import { make, makeButton } from "../shared/dom.js";
import { $ } from "./work.js";

let deep = 0; // entries of the history that are ours
const ways = []; // by depth, how the view there is left

// Shows a view; `leave` leads to the one before, by the browser's own way back too: each view but the
// start is an entry of the history, and one that was opened from another view is the second.
export function show(view, { depth = view === "start" ? 0 : 1, leave = startAgain } = {}) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== view;
  scrollTo(0, 0);
  if (depth < deep) history.go(depth - deep);
  while (deep < depth) history.pushState({ deep: ++deep }, "");
  deep = depth;
  ways[depth] = leave;
}

function goBack() {
  const to = history.state?.deep ?? 0;
  if (to > deep) history.go(deep - to); // forward, or loaded anew: that photo is gone
  while (deep > to) ways[deep--]();
}

export function startAgain() {
  $("#answer").replaceChildren();
  show("start");
  if ("ready" in document.body.dataset) say("Ready.");
}

export function say(line) {
  $("#said").className = "";
  $("#said").textContent = line;
}

// What went wrong, in one line, and the way on: `again` with what was chosen where the network broke
// off, else to the server where there is one.
export function refuse(error, { place = $("#said"), again } = {}) {
  const { server } = document.body.dataset;
  const broke = error.kind === "network";
  const on = broke ? again && makeButton("", again, "Try again") : server && make("a", "", { href: server }, "Score it on the server");
  place.className = "problem";
  place.replaceChildren(`${error.message[0].toUpperCase()}${error.message.slice(1)}. `, on || "");
}

addEventListener("popstate", goBack);
goBack();

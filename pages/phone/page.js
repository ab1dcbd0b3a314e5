// The page: fetches the net and takes photos.
import { makeButton } from "../shared/dom.js";
import { showAnswer } from "./answer.js";
import { fetched } from "./arrive.js";
import { showBurst } from "./burst.js";
import { closeCoach, openCoach } from "./coach.js";
import { keepOffline } from "./offline.js";
import { refuse, say } from "./views.js";
import { $, ask, base } from "./work.js";

// A module that only browsers with SIMD take: (v128.const 0 drop).
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11]);
const able = globalThis.WebAssembly?.validate(SIMD) && globalThis.Worker && globalThis.OffscreenCanvas && globalThis.createImageBitmap;

document.body.dataset.begun = ""; // begin.js need not watch any more

let facts;
let failed; // why there is no net
let waiting; // files chosen before the net was here

async function open() {
  failed = null;
  say("The net is on its way.");
  try {
    facts = await ask("open", { base }, { tell: (done) => $("#fetching").style.setProperty("--done", done) });
  } catch (error) {
    failed = error;
    return notYet();
  }
  $("#fetching").hidden = true;
  $("#honest").textContent = facts.words.honest;
  say("Ready.");
  document.body.dataset.ready = "";
  offerSamples();
  if (waiting) take(waiting);
  keepOffline(ask("rest"));
}

const notYet = (line) => (failed ? refuse(failed, { again: open }) : say(line));

function take(files) {
  const photos = [...files].filter((file) => !file.type || file.type.startsWith("image/"));
  if (!photos.length) return refuse({ message: "no photo is among these files; choose JPEG, PNG, WebP or the like" });
  if (!facts) {
    waiting = photos;
    return notYet("Got it. The score follows once the net is here.");
  }
  waiting = null;
  closeCoach(); // photos may be dropped on it
  if (photos.length > 1) showBurst(facts, photos);
  else showAnswer(facts, photos[0]);
}

function offerSamples() {
  const buttons = facts.samples.map((name, i) => {
    const choose = () => fetched(base, name).then((answer) => answer.blob()).then((file) => take([file]), (error) => refuse(error, { again: choose }));
    const button = makeButton("", choose);
    button.ariaLabel = `Sample photo ${i + 1}`;
    button.style.backgroundImage = `url("${new URL(name, base).href}")`;
    return button;
  });
  $("#samples").replaceChildren(...buttons);
  $("#samples").hidden = $("#rendered").hidden = !buttons.length;
}

$("#camera").addEventListener("click", () => (facts ? openCoach(facts) : notYet("The net is still on its way.")));
$("#files").addEventListener("change", ({ target }) => {
  take(target.files);
  target.value = ""; // the same photo may be chosen again
});
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
addEventListener("drop", ({ dataTransfer }) => take(dataTransfer.files));
addEventListener("paste", ({ clipboardData }) => clipboardData.files.length && take(clipboardData.files));

if (able) open();
else {
  failed = { kind: "old", message: "this browser is too old to run the net; update it" };
  notYet();
}

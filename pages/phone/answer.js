// The answer for one photo: its score at once, then its place among the others, then what is asked for.
import { make, makeButton, percent, standing } from "../shared/dom.js";
import { PARTS, saveButton } from "./parts.js";
import { refuse, show, startAgain } from "./views.js";
import { $, addressOf, ask, letGo, onRamp, RAMP, thumb } from "./work.js";

const MEMORY = 1 / 8; // of the device's, that a decoded photo may take
const STRETCHED = 3;
let turn = 0; // answers that come too late are of an older one

// Shows what the net makes of a photo; `back`, if given, leads to where it was chosen.  One that was
// `taken` here is nowhere else: it can be saved.
export async function showAnswer(facts, file, { back = null, taken = false } = {}) {
  const own = ++turn;
  letGo();
  const picture = make("img", "", { alt: "Your photo", src: addressOf(file) });
  try {
    await checkSize(picture, facts);
    if (own !== turn) return;
    const { naturalWidth: width, naturalHeight: height } = picture;
    const seen = { file, picture, facts, back, taken, width, height, current: () => own === turn };
    draw(seen);
    const shown = () => show("answer", { depth: back ? 2 : 1, leave: leave(back ?? startAgain) });
    if (width) shown(); // on a slow device the score comes later
    Object.assign(seen, await ask("score", { file }));
    if (own !== turn) return;
    shown();
    tellScore(seen);
    await complete(seen);
  } catch (error) {
    if (own !== turn) return;
    startAgain();
    refuse(error, { again: () => showAnswer(facts, file, { back, taken }) });
  }
}

const leave = (to) => () => {
  turn++; // a score that comes now would call the visitor back
  to();
};

// A browser that runs out of memory tells nobody; the size is known before a photo is decoded.
export async function checkSize(picture, { most_pixels }) {
  await new Promise((done) => (picture.onload = picture.onerror = done)); // what can't be read, the worker says
  const { naturalWidth: width, naturalHeight: height } = picture;
  const most = Math.min(most_pixels, (MEMORY * (navigator.deviceMemory ?? 4) * 2 ** 30) / 4);
  if (width * height > most) throw Object.assign(new Error(`photo is ${width}x${height} pixels, more than this device has memory for; make it smaller`), { kind: "large" });
}

function draw(seen) {
  const { facts, width, height, picture } = seen;
  picture.style.setProperty("--aspect", Math.min(2.4, Math.max(0.6, width / height)));
  const ring = make("div", "score-ring", { role: "img", dataset: { waiting: "" } }, make("div", "", make("b", "", "–"), make("small", "", "of 100 score lower")));
  ring.style.setProperty("--share", 0);
  ring.style.setProperty("--ramp", RAMP.map((colour, i) => `${colour} ${(100 * i) / 5}%`).join());
  const lead = make("p", "lead", { role: "heading", ariaLevel: "1" }, "Scoring your photo");
  const note = make("p", "");
  const line = make("p", "score-percent");
  const squashed = width === height ? "" : " It is not square: the net saw it squashed to one, as in the original experiment.";
  const means = make("p", "quiet", `${facts.words.means} Scored on your device.${squashed}`);
  const card = make("div", "score-card", ring, lead, note, line, means);
  if (seen.taken) card.append(saveButton(seen, "Save this photo", "as-taken", async () => seen.file));
  const strip = make("div", "score-strip");
  const body = make("div", "");
  const again = make("div", "again", makeButton("button main", leave(startAgain), "Another photo"));
  if (seen.back) again.prepend(makeButton("button", leave(seen.back), "Back"));
  Object.assign(seen, { ring, lead, note, line, strip, body });
  $("#answer").replaceChildren(make("figure", "score-photo", picture), card, strip, body, again);
}

function tellScore({ score, line, lead }) {
  line.replaceChildren("Score ", make("b", "", percent(score)));
  lead.textContent = "Finding its place";
  $("#answer").dataset.score = score;
}

async function complete(seen) {
  const { facts, ring, lead, note, width, height } = seen;
  const { places, sentence, no_face } = facts.words;
  Object.assign(seen, await ask("beside"));
  if (!seen.current()) return;
  const { percentile } = seen;
  delete ring.dataset.waiting;
  ring.querySelector("b").textContent = Math.floor(percentile);
  ring.ariaLabel = `Scores ${standing(percentile)} of the gallery`;
  ring.style.setProperty("--share", percentile / 100);
  const [, where] = places.find(([least]) => percentile >= least);
  lead.title = sentence.replace("{where}", where).replace("{standing}", standing(percentile));
  lead.textContent = lead.title.split(":")[0];
  drawStrip(seen);
  seen.faces = await ask("faces");
  if (!seen.current()) return;
  offerParts(seen);
  const aspect = Math.max(width, height) / Math.min(width, height);
  const notes = [seen.faces.length ? "" : no_face, aspect > STRETCHED ? `At ${aspect.toFixed(0)}:1, little is left of it once it is squashed: try a crop.` : ""];
  note.textContent = notes.filter(Boolean).join(" ");
  note.hidden = !note.textContent;
  document.body.dataset.whole = "";
}

// The gallery from worst to best as one row of photos, with this one in its place.
function drawStrip({ facts, strip, percentile, picture }) {
  const count = facts.strip.length;
  const over = make("div", "over", make("img", "me", { src: picture.src, alt: "" }), make("i", "stem"));
  over.style.setProperty("--x", `${(percentile * (count - 1) + 50) / count}%`);
  over.style.setProperty("--here", onRamp(percentile));
  const row = make("div", "row", ...facts.strip.map((place) => thumb(facts, place)));
  const ramp = make("div", "ramp");
  strip.style.setProperty("--ramp", RAMP.join());
  strip.replaceChildren(over, row, ramp, make("div", "ends", make("span", "", "worst"), make("span", "", "best")));
}

// The parts that are made when they are asked for; the first one at once.
function offerParts(seen) {
  const part = make("div", "part");
  const choose = async (name) => {
    for (const button of choices.children) button.ariaPressed = String(button.textContent === name);
    part.className = "part";
    part.replaceChildren(make("div", "bar", make("i")));
    seen.part = name;
    try {
      const made = await PARTS[name](seen, part);
      if (seen.part === name && seen.current()) part.replaceChildren(...made);
    } catch (error) {
      if (seen.part !== name || !seen.current()) return;
      const line = make("p", "");
      part.replaceChildren(line);
      refuse(error, { place: line, again: () => choose(name) });
    }
  };
  const choices = make("div", "choices", { role: "group", ariaLabel: "What to see" }, ...Object.keys(PARTS).map((name) => makeButton("", () => choose(name), name)));
  seen.body.replaceChildren(choices, part);
  choose(Object.keys(PARTS)[0]);
}

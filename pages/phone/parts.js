// The parts of an answer: each gives its elements once they are made.
import { make, makeButton, makeSvg, percent } from "../shared/dom.js";
import { fetched } from "./arrive.js";
import { ASPECTS } from "./boxes.js";
import { drawCard } from "./card.js";
import { noted } from "./note.js";
import { addressOf, ask, base, onRamp, points, RAMP, thumb } from "./work.js";

const [MAP, RIM] = [1000, 0.06]; // width of the little map in its own units; free room around it

// The best crops of a shape, and what the net would cut if it were let.
async function crops(seen, part, shape = "1:1") {
  const aspect = ASPECTS[shape];
  const suggested = await ask("crops", { aspect });
  const rude = seen.faces?.length ? await ask("crops", { aspect, rude: true }) : [];
  const all = [...suggested, ...rude.map((crop) => ({ ...crop, rude: true }))];
  const pictures = await Promise.all(all.map(({ box }) => changed(seen, [cropStep(seen, box)])));
  const large = make("div", "large");
  const choose = (i) => {
    const { box, score, rude: cut } = all[i];
    [...options.children].forEach((button, n) => (button.ariaPressed = String(n === i)));
    const [wide, high] = [box[2] - box[0], box[3] - box[1]];
    const said = cut ? "Left to itself, this is what the net would cut." : box.join() === [0, 0, seen.width, seen.height].join() ? "This is the whole photo." : "";
    const file = saveButton(seen, `Save, ${wide.toLocaleString("en")} × ${high.toLocaleString("en")} pixels`, "crop", () => changed(seen, [cropStep(seen, box)], "crop"));
    large.replaceChildren(pair(seen, pictures[i], percent(seen.score), percent(score)), facts(percent(score), points(score - seen.score), said), file);
  };
  const options = make("div", "near", ...all.map(({ score, rude: cut }, i) => {
    const note = cut ? "rude" : points(score - seen.score);
    return makeButton("kept", () => choose(i), { ariaLabel: `${cut ? "Rude crop" : `Crop ${i + 1}`}, ${percent(score)}, ${note}` }, make("img", "square", { src: pictures[i], alt: "" }), percent(score), make("small", "", note));
  }));
  const shapes = make("div", "choices small", { role: "group", ariaLabel: "Shape" }, ...Object.keys(ASPECTS).map((name) => makeButton("", async () => {
    const bar = make("div", "bar", make("i"));
    part.replaceChildren(bar);
    const made = await crops(seen, part, name).catch((error) => [shapes, refusal(error)]);
    if (bar.isConnected) part.replaceChildren(...made); // else another part is shown by now
  }, { ariaPressed: String(name === shape) }, name)));
  choose(0);
  return [shapes, options, large];
}

const cropStep = ({ width, height }, box) => ({ name: "crop", box: box.map((edge, i) => edge / (i % 2 ? height : width)) });

// The address of the photo with changes, made once; the whole of it as a file.
async function changed(seen, steps, handedOut = "") {
  if (handedOut) return noted(await ask("changed", { steps, full: true }), seen.facts.notes[handedOut]);
  seen.made ??= new Map();
  const key = JSON.stringify(steps);
  if (!seen.made.has(key)) seen.made.set(key, ask("changed", { steps }).then(addressOf));
  return seen.made.get(key);
}

function pair({ picture, width, height }, after, ...scores) {
  const side = (src, words) => make("figure", "", make("img", "", { src, alt: words }), make("figcaption", "", words));
  const both = make("div", "pair", side(picture.src, `Before ${scores[0]}`), side(after, `After ${scores[1]}`));
  both.style.setProperty("--aspect", Math.min(2, Math.max(0.5, width / height)));
  return both;
}

const facts = (score, gain, said) => make("div", "score-frame-score", make("b", "", score), make("span", "", gain), make("p", "", said));

const refusal = ({ message }) => make("p", "problem", `${message[0].toUpperCase()}${message.slice(1)}.`);

export function saveButton({ file }, words, name, makeFile) {
  const stem = (file.name ?? "photo").replace(/\.[^.]*$/, "");
  const button = makeButton("button main", async () => {
    button.disabled = true;
    all.replaceChildren(button);
    const made = await makeFile().catch((error) => all.append(refusal(error)));
    button.disabled = false;
    if (!made) return;
    const link = make("a", "", { href: URL.createObjectURL(made), download: `${stem}-${name}.${made.type === "image/png" ? "png" : "jpg"}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }, words);
  const all = make("div", "buttons", button);
  return all;
}

// What suits the photo, before and after; then each change that helps, and what was tried in vain.
async function advice(seen, part) {
  const { facts: { words: { advice: words }, advice: limits, changes } } = seen;
  const bar = make("div", "bar done", make("i"));
  part.replaceChildren(make("p", "quiet", "Trying changes"), bar);
  const advised = await ask("advice", {}, { tell: (done) => bar.style.setProperty("--done", done) });
  const shown = advised.own ?? advised.best;
  if (!shown) return [make("p", "", words.nothing)];
  const about = Object.fromEntries(changes.map((change) => [change.name, change]));
  const usually = ({ usual }) => (usual === null ? "" : ` ${words.usually.replace("{points}", points(usual))}`);
  const single = (name) => advised.singles.find(({ steps }) => steps[0].name === name);
  const known = advised.singles.some(({ usual }) => usual !== null);
  const lead = advised.own ? words.own : words.best.replace("{tried}", advised.tried) + (known ? words.no_own : "");
  const steps = shown.steps.map(({ name }) => make("li", "", make("b", "", about[name].title), `${about[name].about}${usually(single(name))}`));
  const best = make("div", "score-best", make("small", "", lead), make("b", "", percent(shown.score)), make("span", "", points(shown.gain)), make("ol", "", ...steps));
  const large = make("div", "large", pair(seen, await changed(seen, shown.steps), percent(advised.score), percent(shown.score)), best, saveButton(seen, "Save", "advice", () => changed(seen, shown.steps, "edit")));
  const helps = advised.singles.filter(({ gain }) => gain >= limits.next_to_nothing);
  const cards = async (title, some) => {
    if (!some.length) return [];
    const made = await Promise.all(some.map(async (one) => {
      const line = make("div", "line", make("b", "", one.title), make("span", "", points(one.gain)));
      return make("div", "score-advice", make("img", "", { src: await changed(seen, one.steps), alt: "" }), line, make("p", "", `${about[one.steps[0].name].about}${usually(one)}`));
    }));
    return [make("h2", "", title), make("div", "cards", ...made)];
  };
  const special = helps.filter((one) => one.special);
  const vain = advised.singles.filter(({ gain }) => gain < limits.next_to_nothing).map(({ title, gain }) => `${title.toLowerCase()} (${points(gain)})`).join(", ");
  return [
    large,
    ...(await cards(words.special, special.length > 1 ? special : [])),
    ...(await cards(known ? words.most : words.alone, helps.filter((one) => !one.special))),
    ...(vain ? [make("p", "quiet", words.no_help.replace("{said}", vain))] : []),
  ];
}

// A picture made for posting, drawn when it is asked for.
async function share(seen) {
  const { facts: { cell, across, strip, photos }, score, percentile } = seen;
  const photo = await createImageBitmap(await ask("changed", { steps: [] }));
  const cells = await Promise.all(strip.map(async (row) => {
    const [sheet, place] = [Math.floor(row / across ** 2), row % across ** 2];
    const file = await (await fetched(base, `thumbs/${sheet}.webp`)).blob();
    return createImageBitmap(file, (place % across) * cell, Math.floor(place / across) * cell, cell, cell);
  }));
  const card = drawCard(photo, { score, percentile, photos, cells, ramp: RAMP });
  const drawn = await new Promise((done) => card.toBlob(done, "image/png"));
  const file = new File([await noted(drawn, seen.facts.notes.card)], "selfie-card.png", { type: "image/png" });
  const picture = make("div", "score-share", make("img", "", { src: addressOf(file), alt: "The card to share" }));
  const said = make("p", "quiet", "One picture with the photo, its score, its percentile and its place in the strip. Its file says that software made it, and nothing of where or when.");
  const buttons = saveButton(seen, "Save the card", "card", async () => file);
  if (navigator.canShare?.({ files: [file] })) buttons.append(makeButton("button", () => navigator.share({ files: [file] }).catch(() => {}), "Share"));
  return [picture, said, buttons];
}

async function alike(seen, part) {
  part.classList.add("two");
  const cell = ({ row, score }) => make("figure", "", thumb(seen.facts, row), make("figcaption", "", percent(score)));
  const { along, photos } = seen.facts;
  const near = make("div", "near", ...seen.nearest.map(cell));
  const left = make("div", "", make("h2", "", "Most alike, to the net"), near);
  if (along < photos) left.append(make("p", "quiet", `Of ${along.toLocaleString("en")} photos from worst to best that came along to this device; the gallery has ${photos.toLocaleString("en")}.`));
  if (!seen.place) return [left];
  return [left, make("div", "", make("h2", "", "Where it lands on the map"), await littleMap(seen))];
}

// The gallery's map as dots, the photo's place on it, and threads to the nearest.
async function littleMap({ place, nearest }) {
  const { xy, percentiles } = await ask("map");
  const at = (row) => [MAP * xy[2 * row], MAP * xy[2 * row + 1]];
  const xs = Float32Array.from(percentiles, (_, row) => xy[2 * row]);
  const ys = Float32Array.from(percentiles, (_, row) => xy[2 * row + 1]);
  const [left, top] = [Math.min(...xs) - RIM, Math.min(...ys) - RIM];
  const [wide, high] = [Math.max(...xs) + RIM - left, Math.max(...ys) + RIM - top];
  const paths = Object.fromEntries(RAMP.map((colour) => [colour, ""]));
  percentiles.forEach((percentile, row) => (paths[onRamp(percentile)] += `M${at(row).map(Math.round).join(" ")}h0`));
  const size = 0.42 * MAP * Math.sqrt((wide * high) / percentiles.length);
  const dots = makeSvg("g", { class: "dots", "stroke-width": size }, ...Object.entries(paths).map(([stroke, d]) => makeSvg("path", { d, stroke })));
  const [x, y] = place.map((share) => MAP * share);
  const threads = nearest.slice(0, 6).map(({ row }) => makeSvg("line", { class: "thread", x1: x, y1: y, x2: at(row)[0], y2: at(row)[1] }));
  const here = { cx: x, cy: y, r: 13 };
  const box = { viewBox: [left, top, wide, high].map((edge) => Math.round(MAP * edge)).join(" "), role: "img", "aria-label": "Where your photo lands on the map" };
  return make("div", "score-map", makeSvg("svg", box, dots, ...threads, makeSvg("circle", { class: "me", ...here }), makeSvg("circle", { class: "dot", ...here })));
}

export const PARTS = { Crops: crops, Advice: advice, "Like it": alike, Share: share };

// What would raise a photo's score, as selfie_core/answer/advice.py: each change, and up to three at once.
import { luminance, render } from "./edits.js";
import { tiltOf } from "./faces.js";
import { resize } from "./pixels.js";

const SCORE_SIDE = 32;

// Of the server's limits and words (`facts`): { score, singles, best, own, tried }; steps as edits.js takes them.
export function advise(scorer, photo, facts, { whole, faces, crop, tell = () => {} }) {
  const { changes, usual } = facts;
  const { copy_side, most, finalists, next_to_nothing, special: beyondUsual, least } = facts.advice;
  const copy = small(photo, copy_side);
  const variants = variantsOf(copy, facts, { whole, faces, crop });
  const names = Object.keys(variants);
  const excludes = Object.fromEntries(changes.map(({ name, not_with }) => [name, not_with]));
  const several = choices(names, most).filter((some) => !some.some((one) => some.some((other) => excludes[other].includes(one))));
  const total = 2 + Object.values(variants).flat().length + several.length + names.length + finalists + 1;
  let done = 0;
  const score = (made, steps) => {
    tell(++done / total);
    return scorer.score(render(made, steps)).score;
  };
  const logit = (value) => Math.log(Math.min(Math.max(value, least), 1 - least) / (1 - Math.min(Math.max(value, least), 1 - least)));

  const plain = score(copy, []);
  const alone = names.map((name) => variants[name].map((step) => ({ step, score: score(copy, [step]) })).reduce((a, b) => (b.score > a.score ? b : a)));
  const chosen = Object.fromEntries(names.map((name, i) => [name, alone[i].step]));
  const beyond = alone
    .filter(({ step, score: value }) => usual?.[step.name] && value - plain >= next_to_nothing)
    .map(({ step, score: value }) => ({ name: step.name, by: (logit(value) - logit(plain) - usual[step.name][0]) / Math.max(usual[step.name][1], least) }))
    .sort((a, b) => b.by - a.by);
  const special = beyond.slice(0, most).filter(({ by }) => by >= beyondUsual).map(({ name }) => name);
  const suits = (steps) => steps.every(({ name }) => special.includes(name));

  const together = several.map((some) => some.map((name) => chosen[name]));
  const scored = together.map((steps) => ({ steps, score: score(copy, steps) })).sort((a, b) => b.score - a.score);
  const own = scored.find(({ steps }) => suits(steps));
  const last = [...new Set([...scored.slice(0, finalists), ...(own ? [own] : [])])].map(({ steps }) => steps);

  const base = score(photo, []);
  const title = (steps) => {
    const said = steps.map(({ name }) => changes.find((one) => one.name === name).title.toLowerCase()).join(", ");
    return said[0].toUpperCase() + said.slice(1);
  };
  const gained = (name) => (usual?.[name] ? 1 / (1 + Math.exp(-logit(base) - usual[name][0])) - base : null);
  const advices = [...names.map((name) => [chosen[name]]), ...last]
    .map((steps) => ({ steps, score: score(photo, steps) }))
    .map(({ steps, score: value }) => ({
      steps, title: title(steps), score: value, gain: value - base,
      usual: steps.length === 1 ? gained(steps[0].name) : null, special: suits(steps),
    }))
    .sort((a, b) => b.score - a.score);
  const place = ({ steps: [{ name }] }) => (special.includes(name) ? special.indexOf(name) : most);
  return {
    score: base,
    singles: advices.filter(({ steps }) => steps.length === 1).sort((a, b) => place(a) - place(b)),
    best: advices.find(({ gain }) => gain > 0) ?? null,
    own: advices.find(({ special: is, gain }) => is && gain > 0) ?? null,
    tried: 1 + Object.values(variants).flat().length + several.length,
  };
}

// What there is to try on a photo: steps by name, in the order of making.
function variantsOf(copy, { changes, advice: { tilts, dark } }, { whole, faces, crop }) {
  const found = Object.fromEntries(changes.map(({ name, amounts }) => [name, amounts.map((amount) => ({ name, amount }))]));
  const tilt = faces.length ? tiltOf(faces[0]) : 0;
  if (Math.abs(tilt) >= tilts[0] && Math.abs(tilt) <= tilts[1]) found.straighten = [{ name: "straighten", amount: Math.round(10 * tilt) / 10 }];
  const { width, height } = whole;
  if (crop && crop.box.join() !== [0, 0, width, height].join())
    found.crop = [{ name: "crop", box: crop.box.map((edge, i) => edge / (i % 2 ? height : width)) }];
  if (luminance(copy) < dark) found.rescue = [{ name: "rescue" }];
  return Object.fromEntries(Object.entries(found).filter(([, steps]) => steps.length));
}

function small(photo, side) {
  const shrink = side / Math.max(photo.width, photo.height);
  if (shrink >= 1) return photo;
  return resize(photo, ...[photo.width, photo.height].map((edge) => Math.max(SCORE_SIDE, Math.round(edge * shrink))));
}

// All choices of two to `most` of some names, in their order.
function choices(names, most) {
  let grown = names.map((name, i) => [[name], i]);
  const all = [];
  for (let count = 2; count <= most; count++) {
    grown = grown.flatMap(([some, last]) => names.slice(last + 1).map((name, i) => [[...some, name], last + 1 + i]));
    all.push(...grown.map(([some]) => some));
  }
  return all;
}

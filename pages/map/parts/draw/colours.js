// What a value looks like and how it reads.

import { clamp } from "../../../shared/dom.js";

const SHADES = 64;
const BARS = 32; // of a histogram
// Far apart in hue, readable on white and on black.
const PALETTE = [
  "#4f5bd5", "#ff7a4d", "#12a594", "#c642b8", "#ffb13d", "#3aa0e8", "#e5484d", "#7c9a2e", "#a5714b",
];
const OTHERS = "#77717d";

// How a column is shown: names and colours of its words, or the two ends of its scale.
// `column` is {name, title, unit, missing, yesNo}; `words` are the names behind its codes or null.
export function explainColumn(column, values, words, ramp) {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const shared = { ...column, someMissing: known.length < values.length };
  const names = words ?? (known.every((value) => value === 0 || value === 1) ? column.yesNo : null);
  if (names) return { ...shared, names, ...colourNames(names, known) };
  // A few odd photos don't pale the others.
  let [low, high] = [quantile(known, 0.02), quantile(known, 0.98)];
  if (!(low < high)) [low, high] = [known[0] ?? 0, known.at(-1) ?? 0];
  return { ...shared, low, high, ramp, bars: countBars(known, low, high) };
}

// The commonest names get their own colours, the rest share a grey.
function colourNames(names, codes) {
  const counts = new Uint32Array(names.length);
  for (const code of codes) counts[code]++;
  const byCount = [...names.keys()].sort((a, b) => counts[b] - counts[a]);
  const common = byCount.slice(0, PALETTE.length).sort((a, b) => a - b);
  const colours = names.map(() => OTHERS);
  common.forEach((code, place) => (colours[code] = PALETTE[place]));
  const chips = common.map((code) => ({ name: names[code], colour: colours[code], codes: [code] }));
  const rest = byCount.slice(PALETTE.length);
  if (rest.length) chips.push({ name: "others", colour: OTHERS, codes: rest });
  for (const chip of chips) chip.count = chip.codes.reduce((sum, code) => sum + counts[code], 0);
  return { colours, chips };
}

function countBars(known, low, high) {
  const bars = new Array(BARS).fill(0);
  for (const value of known) bars[stepOf(value, { low, high }, BARS)]++;
  return bars;
}

// Which of so many equal steps of a scale a value falls on.
const stepOf = (value, { low, high }, steps) =>
  clamp(Math.floor(((value - low) / (high - low || 1)) * steps), 0, steps - 1);

// Gives each row a step of a palette.  After the colours come three more: missing, muted, hidden.
export function paintBy(colour, values, quiet) {
  const palette = colour.names ? [...colour.colours] : shades(colour.ramp, SHADES);
  const none = palette.length;
  const step = colour.names ? (value) => value : (value) => stepOf(value, colour, SHADES);
  const steps = Uint8Array.from(values, (value) => (Number.isNaN(value) ? none : Math.min(none, step(value))));
  const opacities = [...palette.map(() => 0.9), 0.5, 0.22, 0];
  return { steps, palette: [...palette, quiet, quiet, quiet], opacities, muted: none + 1, hidden: none + 2 };
}

export function shades(ramp, count) {
  const stops = ramp.map(channels);
  return Array.from({ length: count }, (_, shade) => {
    const place = (shade / (count - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(place));
    const mixed = stops[from].map((value, c) => value + (stops[from + 1][c] - value) * (place - from));
    return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
  });
}

export const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

export function nameValue({ names, unit, missing }, value) {
  if (Number.isNaN(value)) return missing;
  if (names) return names[value];
  if (unit === "%") return `${(100 * value).toFixed(Math.abs(value) < 0.1 ? 1 : 0)} %`;
  return value.toLocaleString("en", { maximumSignificantDigits: 3 }) + unit;
}

// The value below which a share of sorted numbers lies.
export const quantile = (sorted, share) => sorted[Math.round(share * (sorted.length - 1))];

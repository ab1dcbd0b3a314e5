// The parts of an answer: each gives its elements once they are made.
import { make, makeSvg, percent } from "../shared/dom.js";
import { ask, onRamp, RAMP, thumb } from "./work.js";

const [MAP, RIM] = [1000, 0.06]; // width of the little map in its own units; free room around it

async function alike(seen, part) {
  part.classList.add("two");
  const cell = ({ row, score }) => make("figure", "", thumb(seen.facts, row), make("figcaption", "", percent(score)));
  const near = make("div", "near", ...seen.nearest.map(cell));
  const left = make("div", "", make("h2", "", "Most alike, to the net"), near);
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

export const PARTS = { "Like it": alike };

// Where the selfies stand: by likeness (the map), in a filled grid, or by score and a factor.

import { clamp } from "../../../shared/dom.js";
import { quantile } from "../draw/colours.js";

// A layout has a place per row, perhaps NaN, and of a scatter the axes.
export async function layOut(kind, table, { factor, aspect }) {
  if (kind === "map") return { kind, x: table.x, y: table.y };
  const names = kind === "grid" ? ["grid_x", "grid_y"] : [factor.name];
  const [[x, y]] = await Promise.all([table.server.columns(names), table.have()]);
  return kind === "grid" ? { kind, x, y } : scatter(x, table.score, factor, aspect);
}

// Columns of equal values, as "yes" and "no" give, are spread a little so that none hides another.
function scatter(values, scores, factor, aspect) {
  const across = scaleOf(values, factor.name);
  const up = scaleOf(scores, "score");
  const few = across.different <= 12;
  if (few) [across.low, across.high] = [across.low - 0.5 * across.gap, across.high + 0.5 * across.gap];
  const spread = few ? 0.7 * across.gap : 0;
  const width = across.high - across.low || 1;
  const height = up.high - up.low || 1;
  const toX = (value) => ((value - across.low) / width) * aspect;
  const toY = (score) => (up.high - score) / height;
  const aside = (row) => spread * (((row * 0.6180339887) % 1) - 0.5);
  const x = Float32Array.from(values, (value, row) => toX(clamp(value, across.low, across.high) + aside(row)));
  const y = Float32Array.from(scores, (score) => toY(clamp(score, up.low, up.high)));
  const missing = values.filter(Number.isNaN).length;
  const axes = { across, up, toX, toY, factor, missing, steps: few ? across.values : null };
  return { kind: "score", x, y, axes };
}

function scaleOf(values, name) {
  const known = values.filter((value) => Number.isFinite(value)).sort();
  const distinct = new Set(known);
  const few = distinct.size <= 12 && name !== "score";
  // A handful of extreme photos would press all others together; they stand at the rim.
  const [low, high] = few ? [known[0], known.at(-1)] : [quantile(known, 0.002), quantile(known, 0.998)];
  const gap = few && distinct.size > 1 ? (high - low) / (distinct.size - 1) : 1;
  return { low, high, different: distinct.size, gap, values: few ? [...distinct] : null };
}

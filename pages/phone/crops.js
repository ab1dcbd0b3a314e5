// The best crops of a photo by the fast search of selfie_core/answer/crops.py and dense.py: one pass
// of the net puts the boxes in order, and the finalists go through the net themselves.
import { faceBox, framesOf, HEAD_ROOM, holds, onCopy, overlap } from "./boxes.js";
import { even } from "./faces.js";
import { part, resize } from "./pixels.js";

const [SCALES, STRIDE, MOST_BOXES, FINALISTS, TWIN, NEAR] = [10, 0.105, 2500, 10, 0.7, 0.85];
const [LEVELS, GRAIN, MOST_BLOCKS] = [[1, 0.6], 32, 41];
export const CROP_SIDE = 64;

// Crops { box, score, keepsFace }, best first; `copy` is scored, boxes are in pixels of the `whole` photo.
export function suggestCrops(scorer, copy, whole, { face = null, aspect = 1, keepFace = true, count = 3 } = {}) {
  if (Math.min(copy.width, copy.height) < CROP_SIDE)
    throw new Error(`photo is ${whole.width}x${whole.height} pixels; crops need at least ${CROP_SIDE} on each side`);
  const [head, kept] = face ? [HEAD_ROOM, 0].map((room) => faceBox(face, whole, room)) : [];
  const frames = framesOf(whole, aspect, keepFace && face ? [head, kept] : []);
  const likely = frames.flatMap((frame) => {
    const boxes = frame.grid(SCALES, STRIDE, MOST_BOXES);
    return estimate(scorer, copy, frame, boxes).map((score, i) => ({ box: boxes[i], score }));
  });
  const ranked = likely.sort((a, b) => b.score - a.score).map(({ box }) => box);
  const most = Math.max(count, FINALISTS);
  const apart = differing(ranked, most, TWIN);
  const finalists = apart.length === most ? apart : differing(ranked, most, NEAR);
  const scored = finalists.map((box) => ({
    box,
    score: scorer.score(part(copy, onCopy(box, copy, whole))).score,
    keepsFace: Boolean(kept && holds(box, kept)),
  }));
  return scored.sort((a, b) => b.score - a.score).slice(0, count);
}

function differing(ranked, count, most) {
  const chosen = [];
  for (const box of ranked) {
    if (chosen.every((other) => overlap(box, other) <= most)) chosen.push(box);
    if (chosen.length === count) break;
  }
  return chosen;
}

// About the score of each box, by the maps of the whole photo at the level nearest to the box's scale.
function estimate(scorer, copy, frame, boxes) {
  const { whole, largest } = frame;
  const levelOf = boxes.map(([left, top, right, bottom]) => {
    const scale = Math.max((right - left) / largest[0], (bottom - top) / largest[1]);
    const away = LEVELS.map((level) => Math.abs(Math.log(scale / level)));
    return away.indexOf(Math.min(...away));
  });
  const scores = new Array(boxes.length);
  LEVELS.forEach((scale, level) => {
    const here = boxes.map((_, i) => i).filter((i) => levelOf[i] === level);
    if (!here.length) return;
    const maps = scorer.mapsOf(resize(copy, ...sizeAt(scorer, frame, scale)));
    const rows = new Float32Array(here.length * scorer.head.inputs);
    here.forEach((i, n) => {
      const shares = boxes[i].map((edge, k) => edge / (k % 2 ? whole.height : whole.width));
      const [found] = pool(maps.found, shares, 1);
      const [style, places] = [maps.style, maps.places].map((map) => flat(pool(map, shares, scorer.cells)));
      rows.set(scorer.row(found, style, places), n * scorer.head.inputs);
    });
    const judged = scorer.judge(rows, here.length).scores;
    here.forEach((i, n) => (scores[i] = judged[n]));
  });
  return scores;
}

// Width and height of the photo as the net sees it, so that boxes of a scale have the net's own size.
function sizeAt(scorer, { whole, largest }, scale) {
  let blocks = [whole.width, whole.height].map((edge, i) => (edge / largest[i]) * (scorer.side / (scale * GRAIN)));
  const most = MOST_BLOCKS / scale ** 2;
  const fit = Math.min(Math.sqrt(most / (blocks[0] * blocks[1])), 1);
  blocks = blocks.map((count) => count * fit);
  const short = Math.max(even(Math.min(...blocks)), 1);
  return blocks.map((count) => GRAIN * Math.max(Math.min(even(count), Math.trunc(most / short)), 1));
}

const flat = (cells) => Float32Array.from(cells.flatMap((cell) => [...cell]));

// The means of a map over the cells of a box, row by row: each cell's channels.
function pool({ data, height, width, channels }, [left, top, right, bottom], cells) {
  const rows = shares(top, bottom, cells, height);
  const columns = shares(left, right, cells, width);
  return rows.flatMap((row) =>
    columns.map((column) => {
      const out = new Float32Array(channels);
      for (const [y, down] of row)
        for (const [x, across] of column) {
          const weight = down * across;
          for (let c = 0, at = (y * width + x) * channels; c < channels; c++) out[c] += weight * data[at++];
        }
      return out;
    }),
  );
}

// For each cell from `start` to `end` the map's cells under it and how much of it each covers.
function shares(start, end, cells, length) {
  return Array.from({ length: cells }, (_, i) => {
    const [from, to] = [i, i + 1].map((step) => length * (start + ((end - start) * step) / cells));
    const covered = [];
    for (let at = Math.max(0, Math.floor(from)); at < Math.min(length, to); at++)
      covered.push([at, Math.max(0, Math.min(to, at + 1) - Math.max(from, at))]);
    const sum = Math.max(1e-9, covered.reduce((all, [, share]) => all + share, 0));
    return covered.map(([at, share]) => [at, share / sum]);
  });
}

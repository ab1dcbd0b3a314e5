// Pictures to score and fc7, as selfie_core/scorer/scorer.py and features.py.
import { planesOf, squash } from "./pixels.js";
import { Program } from "./program.js";

export const CELL = 16; // pixels of the input per cell of places and style
const STYLE = 17; // channels of style

export class Scorer extends Program {
  constructor(bytes, kernels) {
    super(bytes, kernels);
    this.cells = this.side / CELL;
  }

  // { score, fc7 } of a picture of any shape.
  score(picture) {
    const planes = squash(picture, this.side);
    const { found, places, style } = this.maps(planes, this.side, this.side);
    const row = this.row(means(found), style.data, places.data);
    const { scores, fc7 } = this.judge(row, 1);
    return { score: scores[0], fc7 };
  }

  // The maps of planes of any size in multiples of 32: found, places, style.
  maps(planes, height, width) {
    const maps = this.run(planes, height, width);
    const [high, wide] = [height / CELL, width / CELL];
    const [given, cells] = [this.put(planes), this.room(high * wide * STYLE)];
    this.kernels.style(given, cells, height, width);
    const data = this.view(cells, high * wide * STYLE).slice();
    return { ...maps, style: { data, height: high, width: wide, channels: STYLE } };
  }

  mapsOf(picture) {
    return this.maps(planesOf(picture), picture.height, picture.width);
  }

  // What fc7 sees: the means of the last maps, then style and places cell by cell, both (S, S, channels).
  row(found, style, places) {
    const row = new Float32Array(this.head.inputs);
    const { cells } = this;
    const [low, high] = [cells >> 2, cells - (cells >> 2)];
    const all = [0, cells];
    const areas = [[all, all], [[low, high], [low, high]], [[0, 1], all], [[cells - 1, cells], all], [all, [0, 1]], [all, [cells - 1, cells]]];
    row.set(found);
    let to = found.length;
    for (const [[top, bottom], [left, right]] of areas) {
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++)
          for (let m = 0; m < STYLE; m++) row[to + m] += style[(y * cells + x) * STYLE + m] / ((bottom - top) * (right - left));
      to += STYLE;
    }
    const channels = places.length / cells ** 2;
    for (let c = 0; c < channels; c++) for (let p = 0; p < cells ** 2; p++) row[to++] = places[p * channels + c];
    return row;
  }

  // Scores and fc7 of rows of what fc7 sees, (B, features).
  judge(rows, count) {
    const { weight, bias, inputs, outputs } = this.head;
    const given = this.put(rows);
    const out = this.room(count * outputs);
    this.kernels.gemm(given, weight, bias, 0, out, count, inputs, outputs, 1);
    const fc7 = this.view(out, count * outputs).slice();
    const scores = Float64Array.from({ length: count }, (_, b) => {
      let logit = this.logit.at(-1);
      for (let d = 0; d < outputs; d++) logit += fc7[b * outputs + d] * this.logit[d];
      return 1 / (1 + Math.exp(-logit / this.temperature));
    });
    return { scores, fc7 };
  }
}

function means({ data, height, width, channels }) {
  const out = new Float64Array(channels);
  for (let at = 0; at < data.length; ) for (let c = 0; c < channels; c++) out[c] += data[at++];
  return out.map((sum) => sum / (height * width));
}

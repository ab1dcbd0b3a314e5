// Which photos of a burst are of one moment, as selfie_core/photo/copies.py.
import { greyed } from "./edits.js";
import { BOX, resize } from "./pixels.js";

// A grey square of mean 0 and length 1: equal for a photo and a brighter copy.
export function squareOf(picture, side) {
  const { data } = resize(greyed(picture), side, side, { filter: BOX, gap: 2 });
  const values = Float32Array.from({ length: side * side }, (_, i) => data[4 * i]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return unit(values.map((value) => value - mean));
}

// A number for each photo { square, fc7 }: alike are those of one moment.
export function groupMoments(photos, { same, alike, alike_fc7 }) {
  const units = photos.map(({ fc7 }) => unit(fc7));
  const group = photos.map((_, i) => i);
  photos.forEach(({ square }, one) => {
    for (let other = one + 1; other < photos.length; other++) {
      const agree = dot(square, photos[other].square);
      if (agree < same && (agree < alike || dot(units[one], units[other]) < alike_fc7)) continue;
      const [to, from] = [group[one], group[other]]; // a chain of like photos is one burst
      group.forEach((number, i) => number === from && (group[i] = to));
    }
  });
  return group;
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const unit = (values) => values.map((value) => value / Math.max(Math.sqrt(dot(values, values)), 1e-6));

// What one could do while the camera runs, each tried on the frame itself: the part that would be
// seen, or its light.  Boxes are [left, top, right, bottom] in pixels of the frame.
import { part, pointwise } from "./pixels.js";

const SHIFT = 0.12; // of the box, by which it is moved
const GROW = 1.22; // of its sides, when one steps back
const LIGHT = 0.8; // gamma, as advice brightens first

export const MOVES = {
  back: (frame, box) => cut(frame, box, { grow: GROW }),
  closer: (frame, box) => cut(frame, box, { grow: 1 / GROW }),
  higher: (frame, box) => cut(frame, box, { down: -SHIFT }),
  lower: (frame, box) => cut(frame, box, { down: SHIFT }),
  left: (frame, box) => cut(frame, box, { across: -SHIFT }),
  right: (frame, box) => cut(frame, box, { across: SHIFT }),
  light: (frame, box) => gamma(part(frame, box), LIGHT),
  shade: (frame, box) => gamma(part(frame, box), 1 / LIGHT),
};

// A part of the frame near the box; null where the frame ends.
function cut(frame, [left, top, right, bottom], { grow = 1, across = 0, down = 0 }) {
  const [wide, high] = [right - left, bottom - top];
  const [x, y] = [(left + right) / 2 + across * wide, (top + bottom) / 2 + down * high];
  const moved = [x - (grow * wide) / 2, y - (grow * high) / 2, x + (grow * wide) / 2, y + (grow * high) / 2].map(Math.round);
  const inside = moved[0] >= 0 && moved[1] >= 0 && moved[2] <= frame.width && moved[3] <= frame.height;
  return inside ? part(frame, moved) : null;
}

const gamma = (picture, power) => pointwise(picture, (value) => 255 * (value / 255) ** power);

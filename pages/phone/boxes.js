// Which boxes a crop may be, as selfie_core/answer/boxes.py: [left, top, right, bottom] in whole
// pixels of the photo.
import { even } from "./faces.js";

const [SMALLEST, HEAD_ROOM, FOREHEAD, SCORE_SIDE] = [0.4, 0.15, 0.8, 32];
export const ASPECTS = { "1:1": 1, "4:5": 4 / 5, "3:4": 3 / 4, "16:9": 16 / 9, free: null };
const FREE = [1, 4 / 5, 5 / 4, 3 / 4, 4 / 3, 16 / 9, 9 / 16];

export const holds = (outer, inner) => inner.every((edge, i) => (i < 2 ? outer[i] <= edge : outer[i] >= edge));

// Shared area over joint area.
export function overlap(a, b) {
  const shared = Math.max(Math.min(a[2], b[2]) - Math.max(a[0], b[0]), 0) * Math.max(Math.min(a[3], b[3]) - Math.max(a[1], b[1]), 0);
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return shared / (area(a) + area(b) - shared);
}

// A box of the whole photo in pixels of a copy.
export const onCopy = (box, copy, whole) =>
  box.map((edge, i) => even((edge * (i % 2 ? copy.height : copy.width)) / (i % 2 ? whole.height : whole.width)));

// What a crop must hold to keep a face: from the middle of the forehead down, with `room` around it.
export function faceBox(face, whole, room) {
  const heights = face.landmarks.map(([, y]) => y);
  const [eyes, mouth] = [(heights[0] + heights[1]) / 2, (heights[3] + heights[4]) / 2];
  const [wide, high] = [face.right - face.left, face.bottom - face.top];
  return [
    Math.max(Math.floor(face.left - room * wide), 0),
    Math.max(Math.floor(Math.max(face.top, eyes - FOREHEAD * (mouth - eyes))), 0),
    Math.min(Math.ceil(face.right + room * wide), whole.width),
    Math.min(Math.ceil(face.bottom + room * high), whole.height),
  ];
}

// The boxes of one aspect inside a photo and around what must be kept.
class Frame {
  constructor(whole, aspect, keep) {
    Object.assign(this, { whole, aspect, keep });
    const { width, height } = whole;
    this.largest = [Math.min(width, even(height * aspect)), Math.min(height, even(width / aspect))];
    this.smallest = Math.max(SMALLEST, SCORE_SIDE / Math.min(...this.largest));
  }

  // Least and greatest left, least and greatest top; null if nothing of that size fits.
  bounds([width, height]) {
    let [left, right, top, bottom] = [0, this.whole.width - width, 0, this.whole.height - height];
    if (this.keep) {
      const [l, t, r, b] = this.keep;
      [left, right, top, bottom] = [Math.max(left, r - width), Math.min(right, l), Math.max(top, b - height), Math.min(bottom, t)];
    }
    return left <= right && top <= bottom ? [left, right, top, bottom] : null;
  }

  // A grid over so many scales, places a stride of the box's side apart, `most` boxes in all.
  grid(scales, stride, most) {
    const fitting = [];
    for (let i = 0; i < scales; i++) {
      const scale = this.smallest + ((1 - this.smallest) * i) / (scales - 1);
      const size = this.largest.map((edge) => even(edge * scale));
      const bounds = this.bounds(size);
      if (bounds) fitting.push({ size, bounds });
    }
    for (; ; stride *= 1.2) {
      const places = fitting.map(({ size: [w, h], bounds: [l, r, t, b] }) => ({ w, h, lefts: spread(l, r, stride * w), tops: spread(t, b, stride * h) }));
      if (places.reduce((sum, { lefts, tops }) => sum + lefts.length * tops.length, 0) > most) continue;
      return places.flatMap(({ w, h, lefts, tops }) => tops.flatMap((y) => lefts.map((x) => [x, y, x + w, y + h])));
    }
  }
}

// A frame per aspect, around the first box of `keep` that fits; an error that can be shown where none does.
export function framesOf(whole, aspect, keep) {
  const shapes = (aspect ? [aspect] : FREE).map((ratio) => new Frame(whole, ratio));
  const frames = shapes.filter(({ largest }) => Math.min(...largest) >= SCORE_SIDE);
  if (!frames.length) {
    const [width, height] = shapes[0].largest;
    throw new Error(`the asked shape leaves ${width}x${height} pixels of this photo; a crop needs at least ${SCORE_SIDE} on each side, choose a shape nearer to the photo's own`);
  }
  for (const box of keep) {
    const fitting = frames.map((frame) => new Frame(whole, frame.aspect, box)).filter((frame) => frame.bounds(frame.largest));
    if (fitting.length) return fitting;
  }
  return frames;
}

export { HEAD_ROOM };

function spread(first, last, stride) {
  const steps = Math.ceil((last - first) / stride);
  return Array.from({ length: steps + 1 }, (_, i) => even(first + ((last - first) * i) / Math.max(steps, 1)));
}

// Changes to a photo, as selfie_core/photo/edits.py makes them with Pillow: steps { name, amount, box }.
import { even } from "./faces.js";
import { part, picture, pointwise } from "./pixels.js";

const RESCUED = 0.45; // mean luminance that a rescue aims at

const EDITS = {
  rescue,
  straighten,
  crop: (photo, { box }) => part(photo, cropBox(photo, box)),
  brighten: (photo, { amount }) => curve(photo, (x) => x ** amount),
  fade: (photo, { amount }) => curve(photo, (x) => amount + x * (1 - 1.3 * amount)),
  bw: (photo) => greyed(photo),
  pale: (photo, { amount }) => faded(photo, Math.fround(amount)),
  border: (photo, { amount }) => framed(photo, Math.max(1, even(amount * Math.min(photo.width, photo.height)))),
};

export const render = (photo, steps) => steps.reduce((made, step) => EDITS[step.name](made, step), photo);

// Mean luminance, 0..1.
export function luminance({ data }) {
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += grey(data[at], data[at + 1], data[at + 2]);
  return sum / (data.length / 4) / 255;
}

const grey = (r, g, b) => (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;

const curve = (photo, bend) => pointwise(photo, (value) => 255 * Math.min(1, Math.max(0, bend(value / 255))));

// Each pixel's colours moved to its grey: all the way by 0, not at all by 1, as Pillow blends.
function faded(photo, share) {
  const out = { ...photo, data: new Uint8ClampedArray(photo.data) };
  const { data } = out;
  for (let at = 0; at < data.length; at += 4) {
    const light = grey(data[at], data[at + 1], data[at + 2]);
    for (let c = at; c < at + 3; c++) data[c] = Math.trunc(Math.fround(light + Math.fround(share * (data[c] - light))));
  }
  return out;
}

export const greyed = (photo) => faded(photo, 0);

function framed(photo, wide) {
  const out = picture(photo.width + 2 * wide, photo.height + 2 * wide);
  out.data.fill(255);
  for (let y = 0; y < photo.height; y++)
    out.data.set(photo.data.subarray(4 * y * photo.width, 4 * (y + 1) * photo.width), 4 * ((y + wide) * out.width + wide));
  return out;
}

// Shares of the photo to whole pixels; of a strip's small copy at least a line.
export function cropBox({ width, height }, [l, t, r, b]) {
  const [left, top] = [even(l * width), even(t * height)];
  return [left, top, Math.max(even(r * width), left + 1), Math.max(even(b * height), top + 1)];
}

// Turned by degrees about the middle, bicubic; then the largest upright box of the photo's shape.
function straighten(photo, { amount }) {
  const { width, height, data } = photo;
  const angle = (Math.abs(amount) * Math.PI) / 180;
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const share = 1 / (Math.cos(angle) + (long / short) * Math.sin(angle));
  const out = picture(...[width, height].map((edge) => Math.floor(Math.trunc(edge * share) / 2) * 2));
  const [left, top] = [Math.floor((width - out.width) / 2), Math.floor((height - out.height) / 2)];
  const turn = (-amount * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const clamp = (value, most) => (value < 0 ? 0 : value < most ? value : most - 1);
  const lines = new Float64Array(4);
  for (let y = 0, to = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++, to += 4) {
      const dx = x + left + 0.5 - width / 2;
      const dy = y + top + 0.5 - height / 2;
      const u = cos * dx + sin * dy + width / 2 - 0.5;
      const v = -sin * dx + cos * dy + height / 2 - 0.5;
      const i = Math.floor(u);
      const j = Math.floor(v);
      for (let c = 0; c < 3; c++) {
        for (let row = 0; row < 4; row++) {
          const at = 4 * width * clamp(j + row - 1, height) + c;
          const value = (k) => data[at + 4 * clamp(i + k, width)];
          lines[row] = between(value(-1), value(0), value(1), value(2), u - i);
        }
        out.data[to + c] = Math.trunc(Math.max(0, between(lines[0], lines[1], lines[2], lines[3], v - j)));
      }
      out.data[to + 3] = 255;
    }
  return out;
}

// Pillow's cubic through four values.
const between = (a, b, c, d, t) => b + t * (c - a + t * (2 * (a - b) + c - d + t * (b - a - c + d)));

// Grain out by a self-guided filter, colour grain most; then the light is lifted.
function rescue(photo) {
  const { width, height, data } = photo;
  const size = width * height;
  const [light, blue, red] = [0, 1, 2].map(() => new Float32Array(size));
  for (let i = 0, at = 0; i < size; i++, at += 4) {
    const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
    light[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b) / 255;
    blue[i] = Math.round(-0.16874 * r - 0.33126 * g + 0.5 * b + 128);
    red[i] = Math.round(0.5 * r - 0.41869 * g - 0.08131 * b + 128);
  }
  const side = Math.max(3, even(Math.min(width, height) / 128) | 1);
  const mean = blurred(light, width, height, side);
  const variance = blurred(light.map((v) => v * v), width, height, side).map((v, i) => Math.max(0, v - mean[i] ** 2));
  const sorted = variance.slice().sort();
  const grain = (sorted[(size - 1) >> 1] + sorted[size >> 1]) / 2;
  const keep = variance.map((v) => v / (v + 2 * grain + 1e-6));
  const [kept, rest] = [keep, keep.map((k, i) => (1 - k) * mean[i])].map((values) => blurred(values, width, height, side));
  const smooth = light.map((v, i) => kept[i] * v + rest[i]);
  const average = smooth.reduce((a, b) => a + b, 0) / size;
  const gamma = Math.max(Math.log(RESCUED) / Math.log(Math.max(average, 0.02)), 0.35);
  const [cb, cr] = [blue, red].map((values) => blurred(values, width, height, 2 * side + 1).map(Math.round));
  const out = picture(width, height);
  for (let i = 0, at = 0; i < size; i++, at += 4) {
    const y = Math.round(255 * Math.min(1, Math.max(0, smooth[i])) ** gamma);
    out.data.set([y + 1.402 * (cr[i] - 128), y - 0.34414 * (cb[i] - 128) - 0.71414 * (cr[i] - 128), y + 1.772 * (cb[i] - 128), 255], at);
  }
  return out;
}

// Means of squares of an odd side, mirrored at the edges.
function blurred(values, width, height, side) {
  const pass = (from, count, length, step, next) => {
    const out = new Float32Array(from.length);
    const half = side >> 1;
    const mirror = (k) => (k < 0 ? -k - 1 : k >= length ? 2 * length - k - 1 : k);
    for (let line = 0; line < count; line++) {
      const at = (k) => from[line * next + Math.min(length - 1, Math.max(0, mirror(k))) * step];
      let sum = 0;
      for (let k = -half; k <= half; k++) sum += at(k);
      for (let k = 0; k < length; k++) {
        out[line * next + k * step] = sum / side;
        sum += at(k + half + 1) - at(k - half);
      }
    }
    return out;
  };
  return pass(pass(values, width, height, width, 1), height, width, 1, width);
}

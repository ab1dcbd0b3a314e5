// Pictures as bytes { data (RGBA), width, height }, and Pillow's ways to make them smaller, to the
// level: the browser's own moved scores by up to 0.03.

const STRIP = 4_000_000; // pixels of a photo read at a time: the whole would take 4 bytes each
const REDUCED = 3; // as in selfie_core/photo/images.py
const LARGEST_TURN = 8; // a JPEG is decoded at 1/8 at most there

// One canvas for all strips of a size: a new one for every frame of a camera filled the memory.
let sheet;
function contextOf(width, height) {
  if (sheet?.canvas.width !== width || sheet.canvas.height !== height)
    sheet = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, alpha: false });
  return sheet;
}

// The copy of a photo from which its score comes, as `open_photo` gives it: each side keeps `least` pixels.
export function copyOf(bitmap, least, { jpeg = false } = {}) {
  const times = Math.floor(Math.min(bitmap.width, bitmap.height) / least);
  if (times < 2) return bytesOf(bitmap, 1);
  if (!jpeg) return bytesOf(bitmap, times);
  let turn = 1;
  while (2 * turn <= Math.min(times, LARGEST_TURN)) turn *= 2;
  const left = Math.min(Math.ceil(bitmap.width / turn), Math.ceil(bitmap.height / turn));
  return bytesOf(bitmap, turn * Math.max(1, Math.floor(left / least)));
}

// Reads a bitmap, video frame or canvas, reduced by a whole number, strip by strip.
export function bytesOf(bitmap, times = 1) {
  const { width, height } = bitmap;
  const out = picture(Math.ceil(width / times), Math.ceil(height / times));
  const rows = Math.max(1, Math.floor(STRIP / width / times)); // of the result, in one strip
  const context = contextOf(width, Math.min(height, rows * times));
  for (let first = 0; first < out.height; first += rows) {
    const high = Math.min(rows * times, height - first * times);
    context.fillStyle = "white"; // what is transparent
    context.fillRect(0, 0, width, high);
    context.drawImage(bitmap, 0, first * times, width, high, 0, 0, width, high);
    const strip = { data: context.getImageData(0, 0, width, high).data, width, height: high };
    out.data.set(reduced(strip, times, times).data, 4 * first * out.width);
  }
  return out;
}

export const picture = (width, height) => ({ data: new Uint8ClampedArray(4 * width * height), width, height });

// The part [left, top, right, bottom) of a picture.
export function part(from, [left, top, right, bottom]) {
  const out = picture(right - left, bottom - top);
  for (let y = 0; y < out.height; y++) {
    const at = 4 * ((top + y) * from.width + left);
    out.data.set(from.data.subarray(at, at + 4 * out.width), 4 * y * out.width);
  }
  return out;
}

// Every value of a picture by one curve, 0..255 to 0..255.
export function pointwise(from, curve) {
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => curve(value));
  const out = { ...from, data: new Uint8ClampedArray(from.data) };
  const { data } = out;
  for (let at = 0; at < data.length; at += 4) for (let c = at; c < at + 3; c++) data[c] = table[data[c]];
  return out;
}

// Means of boxes of whole numbers of pixels; those at the right and lower end may be smaller.
export function reduced(from, across, down) {
  if (across === 1 && down === 1) return from;
  const { data, width, height } = from;
  const out = picture(Math.ceil(width / across), Math.ceil(height / down));
  out.data.fill(255);
  const sums = new Uint32Array(3 * out.width);
  for (let row = 0; row < out.height; row++) {
    const [top, bottom] = [row * down, Math.min((row + 1) * down, height)];
    sums.fill(0);
    for (let y = top; y < bottom; y++)
      for (let x = 0, at = 4 * y * width; x < out.width; x++) {
        let [r, g, b] = [0, 0, 0];
        for (const end = at + 4 * Math.min(across, width - x * across); at < end; at += 4) {
          r += data[at];
          g += data[at + 1];
          b += data[at + 2];
        }
        sums[3 * x] += r;
        sums[3 * x + 1] += g;
        sums[3 * x + 2] += b;
      }
    for (let x = 0, to = 4 * row * out.width; x < out.width; x++, to += 4) {
      const count = (bottom - top) * Math.min(across, width - x * across);
      const by = Math.floor(2 ** 24 / count);
      for (let c = 0; c < 3; c++) out.data[to + c] = Math.floor(((sums[3 * x + c] + (count >> 1)) * by) / 2 ** 24);
    }
  }
  return out;
}

const cubic = (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : 0);
const linear = (x) => Math.max(0, 1 - x);
export const BICUBIC = { support: 2, weigh: cubic };
export const BOX = { support: 0.5, weigh: (x) => Number(x <= 0.5) };
export const BILINEAR = { support: 1, weigh: linear };

// For each of `size` pixels the first of `pixels` that it is made of, how many, and their weights,
// which lie one after another.
function weightsOf({ support, weigh }, length, pixels, size) {
  const scale = length / size;
  const wide = Math.max(scale, 1);
  const firsts = new Int32Array(size);
  const counts = new Int32Array(size);
  const all = [];
  for (let i = 0; i < size; i++) {
    const middle = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(middle - support * wide + 0.5));
    const end = Math.min(pixels, Math.trunc(middle + support * wide + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => weigh(Math.abs(k + first - middle + 0.5) / wide));
    const sum = weights.reduce((a, b) => a + b);
    all.push(...weights.map((w) => w / sum));
    [firsts[i], counts[i]] = [first, weights.length];
  }
  return { firsts, counts, weights: Float64Array.from(all) };
}

// Resized with antialiasing; what the pixels stand for, `lengths`, may end before the last one does.
// Into `Lines`: bytes are rounded after each of the two passes as Pillow's are, floats never.
function resampled(from, lengths, [width, height], filter, Lines) {
  const across = weightsOf(filter, lengths[0], from.width, width);
  const down = weightsOf(filter, lengths[1], from.height, height);
  const lines = new Lines(4 * width * from.height);
  for (let y = 0, to = 0; y < from.height; y++)
    for (let x = 0, k = 0; x < width; x++, to += 4) k = blend(from.data, 4 * (y * from.width + across.firsts[x]), 4, across.weights, k, across.counts[x], lines, to);
  const out = new Lines(4 * width * height).fill(255);
  for (let y = 0, to = 0, k = 0; y < height; y++, k += down.counts[y - 1])
    for (let x = 0; x < width; x++, to += 4) blend(lines, 4 * (down.firsts[y] * width + x), 4 * width, down.weights, k, down.counts[y], out, to);
  return out;
}

// One pixel of `count` others, each `step` after the last; tells where the next one's weights begin.
function blend(from, at, step, weights, k, count, out, to) {
  let r = 0;
  let g = 0;
  let b = 0;
  for (const end = k + count; k < end; k++, at += step) {
    const w = weights[k];
    r += w * from[at];
    g += w * from[at + 1];
    b += w * from[at + 2];
  }
  out[to] = r;
  out[to + 1] = g;
  out[to + 2] = b;
  return k;
}

// A picture in another size, as Pillow's `resize` with a `reducing_gap`.
export function resize(from, width, height, { filter = BICUBIC, gap = 3 } = {}) {
  const across = Math.max(1, Math.floor(from.width / width / gap));
  const down = Math.max(1, Math.floor(from.height / height / gap));
  const lengths = [from.width / across, from.height / down];
  const data = resampled(reduced(from, across, down), lengths, [width, height], filter, Uint8ClampedArray);
  return { data, width, height };
}

// What a net sees of a picture, as `images.squash`: planes (3, side, side) of 0..255, not rounded.
export function squash(from, side) {
  const [across, down] = [from.width, from.height].map((edge) => Math.max(1, Math.floor(edge / (REDUCED * side))));
  const lengths = [from.width / across, from.height / down];
  const floats = resampled(reduced(from, across, down), lengths, [side, side], BICUBIC, Float32Array);
  return planesOf({ data: floats, width: side, height: side });
}

// Bytes or floats as planes (3, height, width); more room, to the right and below, is black.
export function planesOf({ data, width, height }, [wide, high] = [width, height]) {
  const planes = new Float32Array(3 * wide * high);
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0, at = 4 * y * width + c, to = (c * high + y) * wide; x < width; x++, at += 4)
        planes[to++] = Math.min(255, Math.max(0, data[at]));
  return planes;
}

// Faces by CenterFace, as selfie_core/photo/faces.py: boxes and landmarks in pixels of the picture.
import { BILINEAR, planesOf, resize } from "./pixels.js";

const [STRIDE, SHARED, CONFIDENCE] = [4, 0.3, 0.35];
const [SIDE, CLOSE_SIDE, FAR_SIDE, LONGEST] = [288, 160, 640, 4];
const [HEAT, SIZES, OFFSETS, LANDMARKS] = ["537", "538", "539", "540"];

// The faces of a picture, largest first.
export function findFaces(detector, picture) {
  const own = Math.sqrt(picture.width * picture.height);
  const looks = [SIDE, CLOSE_SIDE, ...(own > 1.25 * SIDE ? [Math.min(FAR_SIDE, even(own))] : [])];
  for (const side of looks) {
    const found = findAt(detector, picture, side);
    if (found.length) return found;
  }
  return [];
}

// One look, at a picture of so many pixels a side: what a camera's frame has time for.
export function findAt(detector, picture, side) {
  const { width, height } = picture;
  const scale = side / Math.max(Math.sqrt(width * height), Math.max(width, height) / LONGEST);
  const [w, h] = [width, height].map((edge) => Math.max(1, even(edge * scale)));
  const [wide, high] = [w, h].map((edge) => 32 * Math.ceil(edge / 32));
  const planes = planesOf(resize(picture, w, h, { filter: BILINEAR, gap: 2 }), [wide, high]);
  const maps = detector.run(planes, high, wide);
  const columns = wide / STRIDE;
  const value = (name, cell, channel) => maps[name].data[cell * maps[name].channels + channel];
  const boxes = [];
  const clip = (edge, most) => Math.min(Math.max(edge / scale, 0), most);
  for (let cell = 0; cell < columns * (high / STRIDE); cell++) {
    const confidence = 1 / (1 + Math.exp(-value(HEAT, cell, 0)));
    if (confidence <= CONFIDENCE) continue;
    const [tall, broad] = [0, 1].map((c) => Math.exp(value(SIZES, cell, c)) * STRIDE);
    const left = ((cell % columns) + value(OFFSETS, cell, 1) + 0.5) * STRIDE - broad / 2;
    const top = (Math.floor(cell / columns) + value(OFFSETS, cell, 0) + 0.5) * STRIDE - tall / 2;
    const landmarks = [0, 1, 2, 3, 4].map((k) => [
      (left + value(LANDMARKS, cell, 2 * k + 1) * broad) / scale,
      (top + value(LANDMARKS, cell, 2 * k) * tall) / scale,
    ]);
    const edges = { left: clip(left, width), top: clip(top, height), right: clip(left + broad, width), bottom: clip(top + tall, height) };
    boxes.push({ ...edges, confidence, landmarks });
  }
  return apart(boxes.sort((a, b) => b.confidence - a.confidence)).sort((a, b) => area(b) - area(a));
}

const area = ({ left, top, right, bottom }) => (right - left) * (bottom - top);

// The surest boxes that share little with a surer one (non-maximum suppression).
function apart(boxes) {
  const kept = [];
  for (const one of boxes) {
    const shared = (other) =>
      Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left)) *
      Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
    if (kept.every((other) => shared(other) <= SHARED * (area(one) + area(other) - shared(other)))) kept.push(one);
  }
  return kept;
}

// Degrees by which a face leans, clockwise positive.
export function tiltOf({ landmarks: [leftEye, rightEye, , leftMouth, rightMouth] }) {
  const down = [0, 1].map((i) => (leftMouth[i] + rightMouth[i] - leftEye[i] - rightEye[i]) / 2);
  const along = rightEye[0] - leftEye[0] + down[1];
  return (Math.atan2(rightEye[1] - leftEye[1] - down[0], along) * 180) / Math.PI;
}

// A face found on a copy in pixels of the whole photo.
export function scaled(face, copy, whole) {
  const [across, down] = [whole.width / copy.width, whole.height / copy.height];
  const edges = { left: face.left * across, right: face.right * across, top: face.top * down, bottom: face.bottom * down };
  return { ...face, ...edges, landmarks: face.landmarks.map(([x, y]) => [x * across, y * down]) };
}

// Rounds as Python does: a half to the even number.
export function even(value) {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 ? near - 1 : near;
}

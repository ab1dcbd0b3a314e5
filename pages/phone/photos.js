// What there is to say of a photo: all that the worker answers.
import { advise } from "./advice.js";
import { arrived, failure, fetched } from "./arrive.js";
import { CROP_SIDE, suggestCrops } from "./crops.js";
import { render } from "./edits.js";
import { findAt, findFaces, scaled } from "./faces.js";
import { Gallery } from "./gallery.js";
import { MOVES } from "./moves.js";
import { groupMoments, squareOf } from "./moments.js";
import { bytesOf, copyOf, part, resize } from "./pixels.js";
import { Program, readTensors } from "./program.js";
import { Scorer } from "./scorer.js";

const SCORE_SIDE = 32; // pixels, the least of each side
const SMALL = 224; // pixels of the picture of one photo of a burst
const FULL = 3500; // pixels that each side keeps of a photo that is changed at full size
const LOOK = 160; // of the detector's input for a frame of the camera

export class Photos {
  // Fetches the net from below `base`; `tell` is called with the share that has arrived.
  static async open(base, tell) {
    const facts = await fetched(base, "facts.json").then((answer) => answer.json());
    const [bytes, module] = await Promise.all([
      arrived(base, "scorer.safetensors", facts.bytes.scorer, tell),
      fetched(base, "phone/net.wasm").then((answer) => answer.arrayBuffer()).then(WebAssembly.compile),
    ]);
    return new Photos(base, facts, module, new Scorer(bytes, (await WebAssembly.instantiate(module)).exports));
  }

  constructor(base, facts, module, scorer) {
    Object.assign(this, { base, facts, module, scorer });
  }

  // The gallery and the detector, fetched once: the first score does not wait for them.
  gallery() {
    return (this.#gallery ??= arrived(this.base, "gallery.safetensors").then((bytes) => {
      const { header, names, tensor } = readTensors(bytes);
      return new Gallery(header, Object.fromEntries(names.map((name) => [name, tensor(name)])));
    }).catch((error) => { this.#gallery = null; throw error; }));
  }

  detector() {
    return (this.#detector ??= Promise.all([arrived(this.base, "faces.safetensors"), WebAssembly.instantiate(this.module)])
      .then(([bytes, { exports }]) => new Program(bytes, exports))
      .catch((error) => { this.#detector = null; throw error; }));
  }

  #gallery = null;
  #detector = null;

  // Opens a photo and scores it; whatever is asked next is about it.
  async score({ file }) {
    const { whole, copy } = await this.open(file);
    this.seen = { file, whole, copy, ...this.scorer.score(copy), faces: null, crops: new Map() };
    return { score: this.seen.score, ...whole };
  }

  // One photo of a burst: its score, a small picture of it, and what tells its moment; what was
  // asked of another photo stays.
  async rank({ file }) {
    const { copy } = await this.open(file);
    const { score, fc7 } = this.scorer.score(copy);
    const look = { square: squareOf(copy, this.facts.burst.side), fc7 };
    const gallery = await this.gallery();
    return { score, percentile: gallery.percentile(score), picture: await smallOf(copy), look };
  }

  // For each photo that was ranked the number of its moment.
  moments({ looks }) {
    return groupMoments(looks, this.facts.burst);
  }

  // A photo's copy, which is all that is looked at, and the size of the whole.
  async open(file) {
    const bitmap = await decoded(file);
    const whole = { width: bitmap.width, height: bitmap.height };
    if (Math.min(whole.width, whole.height) < SCORE_SIDE) {
      bitmap.close();
      throw failure("small", `photo is ${whole.width}x${whole.height} pixels; scores need at least ${SCORE_SIDE} on each side`);
    }
    const copy = copyOf(bitmap, this.facts.copy_side, { jpeg: await isJpeg(file) });
    bitmap.close();
    return { whole, copy };
  }

  // Fetches what the first score does without.
  async rest() {
    await Promise.all([this.gallery(), this.detector()]);
  }

  // Where the photo stands in the gallery.
  async beside() {
    const { score, fc7 } = this.seen;
    const gallery = await this.gallery();
    return { percentile: gallery.percentile(score), nearest: gallery.nearest(fc7, this.facts.nearest), place: gallery.place(fc7) };
  }

  // Faces in pixels of the whole photo, largest first.
  async faces() {
    const { copy, whole } = this.seen;
    this.seen.faces ??= findFaces(await this.detector(), copy).map((face) => scaled(face, copy, whole));
    return this.seen.faces;
  }

  async crops({ aspect = 1, rude = false }) {
    const { copy, whole, crops } = this.seen;
    const key = `${aspect} ${rude}`;
    const face = (await this.faces())[0];
    if (!crops.has(key)) crops.set(key, suggestCrops(this.scorer, copy, whole, { face, aspect, keepFace: !rude, count: rude ? 1 : 3 }));
    return crops.get(key);
  }

  // What would raise the score; the best square crop is one of the changes.
  async advice(_, tell) {
    const { copy, whole } = this.seen;
    const faces = await this.faces();
    const crop = Math.min(copy.width, copy.height) < CROP_SIDE ? null : (await this.crops({}))[0];
    return (this.seen.advised ??= advise(this.scorer, copy, this.facts, { whole, faces, crop, tell }));
  }

  // The photo with changes, as the content of a JPEG: of its copy to look at, or of the file itself.
  async changed({ steps, full = false }) {
    let { copy } = this.seen;
    if (full) {
      const bitmap = await decoded(this.seen.file);
      copy = bytesOf(bitmap, Math.max(1, Math.floor(Math.min(bitmap.width, bitmap.height) / FULL)));
      bitmap.close();
    }
    return jpegOf(render(copy, steps), 0.95);
  }

  // A frame of the camera: the score of what a box shows, what a move would add, and the face if asked.
  async frame({ bitmap, box, move, look }) {
    const frame = bytesOf(bitmap);
    bitmap.close();
    const shown = (this.shown = part(frame, box));
    const { score } = this.scorer.score(shown);
    const moved = move && MOVES[move](frame, box);
    const answer = { score, gain: moved ? this.scorer.score(moved).score - score : null };
    if (look && this.#detector) answer.face = Boolean(findAt(await this.#detector, shown, LOOK)[0]);
    return answer;
  }

  // What was scored of the last frame: on a slow device the camera shows something else by now.
  shot() {
    return jpegOf(this.shown, 0.95);
  }

  // Whether a photo holds a face; null while what finds faces can't be fetched.
  async holdsFace({ file }) {
    const detector = await this.detector().catch(() => null);
    if (!detector) return null;
    const bitmap = await decoded(file);
    const photo = bytesOf(bitmap);
    bitmap.close();
    return Boolean(findAt(detector, photo, LOOK)[0]);
  }

  // The photos of the gallery that go along: places on the map and percentiles, to draw it.
  async map() {
    const gallery = await this.gallery();
    return { xy: gallery.xy ?? null, percentiles: Float32Array.from(gallery.scores, (score) => gallery.percentile(score)) };
  }
}

function jpegOf({ data, width, height }, quality) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}

// A small square of a copy, from where heads are.
function smallOf(copy) {
  const side = Math.min(copy.width, copy.height);
  const [left, top] = [Math.round((copy.width - side) / 2), Math.round(0.4 * (copy.height - side))];
  const square = part(copy, [left, top, left + side, top + side]);
  return jpegOf(side > SMALL ? resize(square, SMALL, SMALL) : square, 0.84);
}

async function decoded(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw failure("unreadable", (await isHeic(file)) ? "this browser can't open HEIC photos" : "photo is damaged, or of a kind that this browser can't open");
  }
}

const head = async (file) => new Uint8Array(await file.slice(0, 12).arrayBuffer());
const isJpeg = async (file) => (await head(file)).slice(0, 3).join() === "255,216,255";
const isHeic = async (file) => /^ftyp(hei|hev|mif|msf)/.test(String.fromCharCode(...(await head(file)).slice(4)));

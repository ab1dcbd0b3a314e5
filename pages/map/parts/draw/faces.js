import { calm, clamp } from "../basics.js";
import { CORNER } from "./pictures.js";

const ARRIVAL = 200; // ms for a face to fade in
const RIM = 2; // pixels of colour around a face
const CROWDING = 0.94; // distance of two faces' middles, as a share of their side
const VEIL = 0.45; // opacity of what mutes the map around new marks
const LARGEST_FACE = 176; // pixels
const SMALLEST_TILE = 12; // pixels of a grid's cell from which every cell shows its photo

// Which selfies show their faces in a view, and drawing them.
export class Faces {
  constructor(map) {
    this.map = map;
    this.drawn = []; // {row, x, y}: the middle in pixels
    this.since = new Map(); // row -> when its face was first drawn
  }

  // About thirty faces fit side by side, fewer in a small gallery; they grow as one comes nearer.
  get size() {
    if (this.tile) return this.tile;
    return Math.min(LARGEST_FACE, this.smallest * this.map.camera.zoom ** 0.33);
  }

  get smallest() {
    const { width, height } = this.map.frameSize;
    const side = Math.sqrt(width * height);
    return clamp(side * Math.max(1 / 23, 0.35 / Math.sqrt(this.map.count)), 34, LARGEST_FACE);
  }

  // Side of a cell of the filled grid in which photos stand shoulder to shoulder, else 0.
  get tile() {
    const { layout, camera, gridCell } = this.map;
    const side = layout?.kind === "grid" && gridCell ? gridCell * camera.at.scale : 0;
    return side >= SMALLEST_TILE ? Math.min(side, 2 * LARGEST_FACE) : 0;
  }

  // The rows that have a face in this view, nearest to the middle first.
  inView(margin = this.size / 2) {
    const { map } = this;
    if (!map.withFaces) return [];
    const { camera, places: { index, thinning } } = map;
    const tile = this.tile;
    const step = tile ? 0 : thinning.stepFor((CROWDING * (this.size + 2 * RIM)) / camera.at.scale);
    const found = [];
    index.visit(...camera.window(margin), (row) => {
      const shown = tile ? map.selection.stands(row) : thinning.steps[row] <= step;
      const marked = map.marks.rows.has(row) || row === map.selection.row;
      if (!shown && !marked) return;
      const [x, y] = map.inFrame(row);
      const far = Math.hypot(x - camera.width / 2, y - camera.height / 2);
      found.push({ row, x, y, far, marked });
    });
    return found.sort((a, b) => a.far - b.far);
  }

  // Draws the faces of this view and asks for those that are missing.
  // Returns whether some are still fading in.
  paint(pen, now) {
    const { map } = this;
    const { camera, sharpness, pictures } = map;
    pen.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    pen.clearRect(0, 0, camera.width, camera.height);
    pen.imageSmoothingQuality = "medium";
    const before = this.drawn;
    this.drawn = [];
    if (!map.withFaces) return false;

    // In a change of layout the same faces travel, so that the eye can follow one.
    const wanted = map.places.moved < 1 ? before.map((face) => this.travelling(face)) : this.inView();
    const size = this.size;
    const pixels = size * sharpness;
    const rows = wanted.map((face) => face.row);
    if (map.places.moved === 1) {
      if (camera.zoom < 1.05 && !map.selection.narrowed && !this.tile) pictures.useCover(rows, sharpness);
      pictures.want(rows, pixels);
    }
    return this.paintAll(pen, wanted, { now, size, pixels });
  }

  travelling(face) {
    const [x, y] = this.map.inFrame(face.row);
    return { ...face, x, y };
  }

  paintAll(pen, wanted, { now, size, pixels }) {
    const { pictures } = this.map;
    const before = this.since;
    this.since = new Map();
    let arriving = false;
    const draw = (face) => {
      const picture = pictures.find(face.row, pixels);
      const blur = picture ? null : pictures.blurred(face.row);
      if (!picture && !blur) return;
      const since = before.get(face.row) ?? now;
      this.since.set(face.row, since);
      const seen = calm.matches || this.tile ? 1 : Math.min(1, (now - since) / ARRIVAL);
      arriving ||= seen < 1;
      this.paintOne(pen, face, { picture: picture ?? blur, blur, size: size * (0.8 + 0.2 * seen), seen });
      this.drawn.push(face);
    };
    wanted.filter((face) => !face.marked).forEach(draw);
    if (this.map.veiled) this.paintVeil(pen);
    wanted.filter((face) => face.marked).forEach(draw);
    return arriving;
  }

  // Mutes the map beneath the selfies that marks lead to.
  paintVeil(pen) {
    pen.globalAlpha = VEIL;
    pen.fillStyle = this.map.ground;
    pen.fillRect(0, 0, this.map.camera.width, this.map.camera.height);
    pen.globalAlpha = 1;
  }

  paintOne(pen, { row, x, y }, { picture, blur, size, seen }) {
    const { bitmap, left, top, side } = picture;
    const rim = this.tile ? 0 : RIM;
    const inner = this.tile ? size - clamp(0.07 * size, 1, 4) : size;
    const corner = inner * CORNER;
    pen.globalAlpha = seen;
    const rims = this.tile ? [[(size - inner) / 2 - 0.5, this.map.colourOf(row)]] : [[rim + 1.5, this.map.ground], [rim, this.map.colourOf(row)]];
    for (const [width, colour] of rims) {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.roundRect(x - inner / 2 - width, y - inner / 2 - width, inner + 2 * width, inner + 2 * width, corner + width);
      pen.fill();
    }
    if (blur) {
      // Pictures have their corners cut already; the few blurred ones are cut here.
      pen.save();
      pen.beginPath();
      pen.roundRect(x - inner / 2, y - inner / 2, inner, inner, corner);
      pen.clip();
    }
    pen.drawImage(bitmap, left, top, side, side, x - inner / 2, y - inner / 2, inner, inner);
    if (blur) pen.restore();
    pen.globalAlpha = 1;
  }

  at(x, y) {
    const half = this.size / 2 + (this.tile ? 0 : RIM);
    return this.drawn.findLast((face) => Math.abs(face.x - x) <= half && Math.abs(face.y - y) <= half);
  }

  // The outline of a drawn face, or null: side and radius in pixels.
  outline(row) {
    if (!this.drawn.some((face) => face.row === row)) return null;
    const rim = this.tile ? 0 : RIM;
    return { side: this.size + 2 * rim, radius: this.size * CORNER + rim };
  }
}

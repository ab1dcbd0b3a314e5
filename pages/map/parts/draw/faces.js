import { calm, clamp } from "../../../shared/dom.js";
import { CORNER } from "./pictures.js";

const ARRIVAL = 200; // ms for a face to fade in
const RIM = 2; // pixels of colour around a face
const CROWDING = 0.94; // distance of two faces' middles, as a share of their side
const VEIL = 0.45; // opacity of what mutes the map around new marks
const LARGEST_FACE = 176; // pixels
const SMALLEST_TILE = 12; // pixels of a grid's cell from which every cell shows its photo

// Which selfies show their faces in a view, and drawing them.  `marked` tells whether a row shows
// its face in any case.
export class Faces {
  constructor({ view, table, pictures, selection, gridCell, marked }) {
    Object.assign(this, { view, table, pictures, selection, gridCell, marked });
    this.on = true;
    this.drawn = []; // {row, x, y}: the middle in pixels
    this.since = new Map(); // row -> when its face was first drawn
  }

  // About thirty faces fit side by side, fewer in a small gallery; they grow as one comes nearer.
  get size() {
    if (this.tile) return this.tile;
    const { width, height, zoom } = this.view.camera;
    return Math.min(LARGEST_FACE, this.smallestIn(width, height) * zoom ** 0.33);
  }

  smallestIn(width, height) {
    const side = Math.sqrt(width * height);
    return clamp(side * Math.max(1 / 23, 0.35 / Math.sqrt(this.table.count)), 34, LARGEST_FACE);
  }

  // Side of a cell of the filled grid in which photos stand shoulder to shoulder, else 0.
  get tile() {
    const { camera, places } = this.view;
    const side = places.layout?.kind === "grid" ? this.gridCell * camera.at.scale : 0;
    return side >= SMALLEST_TILE ? Math.min(side, 2 * LARGEST_FACE) : 0;
  }

  // The rows that have a face in this view, nearest to the middle first.
  inView(margin = this.size / 2) {
    if (!this.on) return [];
    const { tile, view: { camera, places: { index, thinning } } } = this;
    const step = tile ? 0 : thinning.stepFor((CROWDING * (this.size + 2 * RIM)) / camera.at.scale);
    const found = [];
    index.visit(...camera.window(margin), (row) => {
      const shown = tile ? this.selection.stands(row) : thinning.steps[row] <= step;
      const marked = this.marked(row);
      if (!shown && !marked) return;
      const [x, y] = this.view.inFrame(row);
      const far = Math.hypot(x - camera.width / 2, y - camera.height / 2);
      found.push({ row, x, y, far, marked });
    });
    return found.sort((a, b) => a.far - b.far);
  }

  // Draws the faces of this view and asks for those that are missing; `ground` is the colour
  // behind them, and where `veiled`, it mutes the map beneath those that are marked.
  // Returns whether some are still fading in.
  paint(pen, { now, sharpness, ground, veiled }) {
    const { pictures, size, view: { camera, places } } = this;
    pen.setTransform(sharpness, 0, 0, sharpness, 0, 0);
    pen.clearRect(0, 0, camera.width, camera.height);
    pen.imageSmoothingQuality = "medium";
    const before = this.drawn;
    this.drawn = [];
    if (!this.on) return false;

    // In a change of layout the same faces travel, so that the eye can follow one.
    const wanted = places.moved < 1 ? before : this.inView();
    const pixels = size * sharpness;
    if (places.moved === 1) {
      const rows = wanted.map((face) => face.row);
      const all = !this.selection.filter && !this.selection.group;
      if (camera.zoom < 1.05 && all && !this.tile) pictures.useCover(rows, sharpness);
      pictures.want(rows, pixels);
    }
    const faces = this.arriving(wanted, { now, size, pixels });
    faces.filter((face) => !face.marked).forEach((face) => this.paintOne(pen, face, ground));
    if (veiled) this.paintVeil(pen, ground);
    const isOpen = (face) => face.row === this.selection.row; // lies over all others
    const marked = faces.filter((face) => face.marked).sort((a, b) => isOpen(a) - isOpen(b));
    marked.forEach((face) => this.paintOne(pen, face, ground));
    return faces.some((face) => face.seen < 1);
  }

  // Those that have a picture, with it, where they are and how much of each is seen by now.
  arriving(wanted, { now, size, pixels }) {
    const before = this.since;
    this.since = new Map();
    return wanted.flatMap((face) => {
      const sharp = this.pictures.find(face.row, pixels);
      const picture = sharp ?? this.pictures.blurred(face.row);
      if (!picture) return [];
      const [x, y] = this.view.inFrame(face.row);
      const since = before.get(face.row) ?? now;
      this.since.set(face.row, since);
      const seen = calm.matches || this.tile ? 1 : Math.min(1, (now - since) / ARRIVAL);
      return [{ ...face, x, y, picture, blurred: !sharp, size: size * (0.8 + 0.2 * seen), seen }];
    });
  }

  paintVeil(pen, ground) {
    pen.globalAlpha = VEIL;
    pen.fillStyle = ground;
    pen.fillRect(0, 0, this.view.camera.width, this.view.camera.height);
    pen.globalAlpha = 1;
  }

  paintOne(pen, face, ground) {
    const { row, x, y, picture: { bitmap, left, top, side }, blurred, size, seen } = face;
    this.drawn.push(face);
    const colour = this.table.colourOf(row);
    const inner = this.tile ? size - clamp(0.07 * size, 1, 4) : size;
    const square = (rim) => [x - inner / 2 - rim, y - inner / 2 - rim, inner + 2 * rim, inner + 2 * rim];
    const outline = (rim) => {
      pen.beginPath();
      pen.roundRect(...square(rim), inner * CORNER + rim);
    };
    pen.globalAlpha = seen;
    const rims = this.tile ? [[(size - inner) / 2 - 0.5, colour]] : [[RIM + 1.5, ground], [RIM, colour]];
    for (const [rim, fill] of rims) {
      pen.fillStyle = fill;
      outline(rim);
      pen.fill();
    }
    if (blurred) {
      // Pictures have their corners cut already; the few blurred ones are cut here.
      pen.save();
      outline(0);
      pen.clip();
    }
    pen.drawImage(bitmap, left, top, side, side, ...square(0));
    if (blurred) pen.restore();
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

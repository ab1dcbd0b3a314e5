import { calm } from "../../../shared/dom.js";
import { Index, Thinning, tellingFirst } from "./places.js";

const MOVE = 900; // ms from one layout to the next: slow enough to follow a selfie by eye

// Where every row stands now, while it travels too, and what is found near a place.
export class Arrangement {
  constructor() {
    this.moved = 1; // share of the way to the places of the layout
    this.layout = null;
  }

  // Sends all rows to a layout's places; on its side, x and y change their roles.
  arrange(layout, { turned, travel, now }) {
    const [x, y] = turned ? [layout.y, layout.x] : [layout.x, layout.y];
    const from = this.layout && travel && !calm.matches ? this.snapshot() : null;
    Object.assign(this, { layout, turned, x, y });
    this.index = new Index(x, y);
    // A row without a place here stays where it was, unseen.
    this.toX = fillGaps(x, from?.x);
    this.toY = fillGaps(y, from?.y);
    [this.fromX, this.fromY] = from ? [from.x, from.y] : [this.toX, this.toY];
    this.moved = from ? 0 : 1;
    this.began = now;
  }

  snapshot() {
    const part = (from, to) => Float32Array.from(to, (value, row) => from[row] + (value - from[row]) * this.eased);
    return { x: part(this.fromX, this.toX), y: part(this.fromY, this.toY) };
  }

  step(now) {
    if (this.moved === 1) return false;
    this.moved = Math.min(1, Math.max(0, now - this.began) / MOVE);
    return true;
  }

  get eased() {
    const t = this.moved;
    return t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
  }

  place(row) {
    if (this.moved === 1) return [this.toX[row], this.toY[row]];
    const { eased } = this;
    const between = (from, to) => from[row] + (to[row] - from[row]) * eased;
    return [between(this.fromX, this.toX), between(this.fromY, this.toY)];
  }

  has(row) {
    return Number.isFinite(this.x[row]) && Number.isFinite(this.y[row]);
  }

  // Chooses anew who gets a face first, among the rows that pass.
  thin(passes, table) {
    this.thinning = new Thinning(this.index, tellingFirst(this.index.placed.filter(passes), table));
  }

  // A place of the table as one of the frame's map, and back.
  turn(x, y) {
    return this.turned ? [y, x] : [x, y];
  }
}

function fillGaps(values, before) {
  return Float32Array.from(values, (value, row) => (Number.isFinite(value) ? value : (before?.[row] ?? 0.5)));
}

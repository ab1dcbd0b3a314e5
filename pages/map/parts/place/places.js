// Where the points are: finding those near a place, and choosing those that get a face.

import { clamp } from "../../../shared/dom.js";

// The rows that have a place.
function placedRows(x, y) {
  const rows = new Uint32Array(x.length);
  let count = 0;
  for (let row = 0; row < x.length; row++) {
    if (Number.isFinite(x[row]) && Number.isFinite(y[row])) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

// Left, top, right and bottom of the points that have a place.
export function boundsOf(x, y, rows = placedRows(x, y)) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const row of rows) {
    bounds.left = Math.min(bounds.left, x[row]);
    bounds.right = Math.max(bounds.right, x[row]);
    bounds.top = Math.min(bounds.top, y[row]);
    bounds.bottom = Math.max(bounds.bottom, y[row]);
  }
  return bounds;
}

// A grid of square cells; the rows of a cell lie together.  50,000 points take about 5 ms.
export class Index {
  constructor(x, y) {
    const placed = placedRows(x, y);
    if (!placed.length) throw new Error("no selfie has a place");
    const bounds = boundsOf(x, y, placed);
    Object.assign(this, { x, y, placed, bounds });
    const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
    this.side = Math.max(width, height, 1e-6) / clamp(Math.ceil(Math.sqrt(placed.length)), 1, 256);
    this.across = Math.floor(width / this.side) + 1;
    this.down = Math.floor(height / this.side) + 1;
    this.fill();
    this.area = this.occupied * this.side ** 2;
  }

  fill() {
    const starts = (this.starts = new Uint32Array(this.across * this.down + 1));
    for (const row of this.placed) starts[this.cellOf(row) + 1]++;
    this.occupied = starts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    for (let cell = 1; cell < starts.length; cell++) starts[cell] += starts[cell - 1];
    const next = starts.slice();
    this.rows = new Uint32Array(this.placed.length);
    for (const row of this.placed) this.rows[next[this.cellOf(row)]++] = row;
  }

  columnOf(x) {
    return clamp(Math.floor((x - this.bounds.left) / this.side), 0, this.across - 1);
  }

  lineOf(y) {
    return clamp(Math.floor((y - this.bounds.top) / this.side), 0, this.down - 1);
  }

  cellOf(row) {
    return this.lineOf(this.y[row]) * this.across + this.columnOf(this.x[row]);
  }

  // Calls `each` with every row inside a part of the map.
  visit(left, top, right, bottom, each) {
    const { x, y, rows, starts } = this;
    for (let line = this.lineOf(top); line <= this.lineOf(bottom); line++) {
      const from = line * this.across;
      const last = starts[from + this.columnOf(right) + 1];
      for (let place = starts[from + this.columnOf(left)]; place < last; place++) {
        const row = rows[place];
        if (x[row] >= left && x[row] <= right && y[row] >= top && y[row] <= bottom) each(row);
      }
    }
  }

  // The nearest row within reach that passes, or -1.
  nearest(x, y, reach, passes) {
    const near = [];
    this.visit(x - reach, y - reach, x + reach, y + reach, (row) => {
      const far = Math.hypot(this.x[row] - x, this.y[row] - y);
      if (far <= reach) near.push({ row, far });
    });
    near.sort((a, b) => a.far - b.far);
    return near.find(({ row }) => passes(row))?.row ?? -1;
  }
}

const MOST_STEPS = 36; // a grid of 4,096 by 4,096 cells then; a million photos need no more

// Gives each row the step of zoom at which it gets a face, such that faces never overlap and
// never leave while one zooms in.  Each step takes every row that keeps its distance from
// those taken before.  Four steps double the scale.  Steps are made when first needed.  Rows
// that come first in `order` win their places.
export class Thinning {
  constructor(index, order) {
    this.index = index;
    this.steps = new Uint8Array(index.x.length).fill(255);
    this.order = order;
    this.taken = [];
    this.made = -1;
    const { left, top, right, bottom } = index.bounds;
    this.first = Math.max(right - left, bottom - top, 1e-3) / 8; // the distance at step 0
    // Places in `order` that a step has to look at.  What stands in a row's way stays, so the row
    // need not be looked at before the distance is smaller: looking at all in every step took
    // three times as long.
    this.due = Array.from({ length: MOST_STEPS + 1 }, () => []);
    this.due[0] = order.map((_, place) => place);
  }

  // The step at which faces are about `distance` apart.
  stepFor(distance) {
    const step = clamp(this.stepOf(distance, Math.round), 0, MOST_STEPS);
    while (this.made < step) this.takeStep();
    return step;
  }

  stepOf(distance, rounded) {
    return rounded(4 * Math.log2(this.first / distance));
  }

  takeStep() {
    this.made++;
    const near = new Near(this.index, this.first * 2 ** (-this.made / 4));
    for (const row of this.taken) near.add(row);
    for (const place of Uint32Array.from(this.due[this.made]).sort()) {
      const row = this.order[place];
      const far = near.nearest(row);
      if (far < near.distance) {
        this.due[Math.max(this.made + 1, this.stepOf(far, Math.ceil))]?.push(place);
      } else {
        near.add(row);
        this.taken.push(row);
        this.steps[row] = this.made;
      }
    }
    this.due[this.made] = [];
  }
}

// The rows that get a face first: those most like what stands around them, by their seams.  In
// galleries without seams steps of the golden ratio: every beginning is spread over the table,
// hence over the map, and favours no score.  Photos that came later take no other's place.
export function tellingFirst(rows, { seam, every }) {
  const telling = seam ? (row) => seam[row] || 1 : (row) => (row * 0.6180339887) % 1;
  const key = (row) => telling(row) + (row % every ? 2 : 0);
  // Numbers of 64 bits, the key before the row, are sorted by the browser itself: five times as
  // fast as by a function that compares.  Bits of floats that are not negative sort as these do.
  const both = new BigUint64Array(rows.length);
  const [keys, halves] = [new Float32Array(both.buffer), new Uint32Array(both.buffer)];
  rows.forEach((row, place) => {
    halves[2 * place] = row;
    keys[2 * place + 1] = key(row);
  });
  both.sort();
  return Uint32Array.from(rows, (_, place) => halves[2 * place]);
}

// Answers how near a taken row is, by the axis along which it is further; a cell holds one at most.
class Near {
  constructor({ x, y, bounds: { left, top, right, bottom } }, distance) {
    Object.assign(this, { x, y, left, top, distance });
    this.across = Math.floor((right - left) / distance) + 3; // a rim of one cell all round
    this.cells = new Int32Array(this.across * (Math.floor((bottom - top) / distance) + 3)).fill(-1);
  }

  cellOf(row) {
    const column = Math.floor((this.x[row] - this.left) / this.distance) + 1;
    return (Math.floor((this.y[row] - this.top) / this.distance) + 1) * this.across + column;
  }

  add(row) {
    this.cells[this.cellOf(row)] = row;
  }

  // The distance of the nearest, if it is below that of the cells; else some larger one.
  nearest(row) {
    const { x, y, cells, across } = this;
    const middle = this.cellOf(row);
    let found = Infinity;
    for (let line = middle - across; line <= middle + across; line += across) {
      for (let cell = line - 1; cell <= line + 1; cell++) {
        const other = cells[cell];
        if (other < 0) continue;
        const far = Math.max(Math.abs(x[other] - x[row]), Math.abs(y[other] - y[row]));
        if (far < found) found = far;
      }
    }
    return found;
  }
}

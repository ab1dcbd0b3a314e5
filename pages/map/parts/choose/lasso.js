import { makeSvg } from "../../../shared/dom.js";

const MOST_CORNERS = 48; // of a region in the address bar
export const FINE = 1000; // corners are whole thousandths of the map: a link gives the same region

// Drawing a region by hand, and showing the one that is chosen.  Corners are places of the map.
// `drawn` is called after each drawing; `kept` tells whether the outline is that of the selection.
export class Lasso {
  constructor({ camera, drawn, kept }) {
    Object.assign(this, { camera, drawn, kept });
    this.tool = null; // "lasso" or "box" while one is in the hand
    this.shape = makeSvg("path");
    this.root = makeSvg("svg", { class: "lasso" }, this.shape);
    this.clear();
  }

  clear() {
    this.corners = [];
    this.shape.setAttribute("d", "");
  }

  // A press that drew nothing leaves no outline behind.
  drop() {
    if (!this.kept()) this.clear();
  }

  // `kind` is that of the tools; the place is one of the frame, pixels.
  begin(kind, { x, y }) {
    this.kind = kind;
    this.corners = [this.camera.toMap(x, y)];
  }

  extend({ x, y }) {
    const place = this.camera.toMap(x, y);
    const [[left, top]] = this.corners;
    if (this.kind === "box") this.corners = [[left, top], [place[0], top], place, [left, place[1]]];
    else this.corners.push(place);
    this.paint();
  }

  // A hand's thousand corners become at most 48: the link stays short, the region the same.
  finish() {
    const step = Math.max(1, this.corners.length / MOST_CORNERS);
    const kept = Array.from({ length: Math.ceil(this.corners.length / step) }, (_, place) => Math.floor(place * step));
    this.corners = kept.map((place) => this.corners[place].map((value) => Math.round(value * FINE) / FINE));
    this.tool = null; // one drawing, then the hand is free to move the map again
    this.drawn();
  }

  paint() {
    const path = this.corners.map(([x, y]) => this.camera.toFrame(x, y).map((value) => value.toFixed(1)).join(" "));
    this.shape.setAttribute("d", path.length > 1 ? `M${path.join("L")}Z` : "");
  }

  // The rows inside, of an index of places.
  rowsIn(index) {
    const [across, down] = [0, 1].map((axis) => this.corners.map((corner) => corner[axis]));
    const window = [Math.min(...across), Math.min(...down), Math.max(...across), Math.max(...down)];
    const rows = [];
    index.visit(...window, (row) => isInside(this.corners, index.x[row], index.y[row]) && rows.push(row));
    return rows;
  }
}

// By the even-odd rule: how often a ray to the right crosses the outline.
function isInside(corners, x, y) {
  let inside = false;
  for (let one = 0, other = corners.length - 1; one < corners.length; other = one++) {
    const [[x1, y1], [x2, y2]] = [corners[one], corners[other]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

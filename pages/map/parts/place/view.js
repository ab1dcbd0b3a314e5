import { calm, clamp } from "../../../shared/dom.js";
import { Arrangement } from "./arrangement.js";
import { Camera } from "./camera.js";
import { boundsOf } from "./places.js";

const CLOSE_LOOK = 8; // zoom at which a few selfies that were found are shown

// Where one looks: a camera over the places in which the selfies stand.  `moved` hears of each
// move by hand or key; `freeHeight` gives the pixels of the frame's height that nothing covers.
export class View {
  constructor({ count, moved, freeHeight }) {
    Object.assign(this, { count, moved, freeHeight });
    this.places = new Arrangement();
    this.every = 1; // of so many photos one is drawn
    // At the closest, photos stand a hand's breadth apart.
    this.camera = new Camera(Math.max(6, 0.7 * Math.sqrt(count)));
  }

  // Where a row is in the frame, pixels.
  inFrame(row) {
    return this.camera.toFrame(...this.places.place(row));
  }

  // Where a mark of the page is in the frame, or null where its place means nothing.
  markInFrame({ x, y }) {
    const { layout, moved } = this.places;
    return layout.kind === "map" && moved === 1 ? this.camera.toFrame(...this.places.turn(x, y)) : null;
  }

  // What a point measures now, pixels.
  get pointSize() {
    const apart = this.camera.at.scale * Math.sqrt((this.places.index.area * this.every) / this.count);
    return clamp(0.42 * apart, 2.5, 9);
  }

  move() {
    if (calm.matches) this.camera.arrive();
    this.moved();
  }

  zoomBy(factor, x = this.camera.width / 2, y = this.camera.height / 2) {
    this.camera.zoomBy(factor, x, y);
    this.move();
  }

  goHome() {
    this.camera.goHome();
    this.move();
  }

  lookAtRows(rows) {
    const { places } = this;
    const placed = rows.filter((row) => places.has(row));
    if (!placed.length) return;
    this.camera.lookAtPart(boundsOf(places.x, places.y, placed), CLOSE_LOOK);
    this.move();
  }

  // Glides as far as needed; returns whether that was anywhere.
  bringIntoView(row) {
    const { camera } = this;
    const height = this.freeHeight();
    const [x, y] = this.inFrame(row);
    const room = Math.min(120, camera.width / 4, height / 4);
    const beyond = (value, size) => value - clamp(value, room, size - room);
    const [right, down] = [beyond(x, camera.width), beyond(y, height)];
    if (!right && !down) return false;
    camera.glide(right, down);
    this.move();
    return true;
  }
}

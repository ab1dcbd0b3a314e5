import { clamp } from "../../shared/dom.js";

const REACH = { mouse: 14, touch: 22 }; // pixels from the pointer at which a point is meant
const STILL = { mouse: 4, touch: 9 }; // pixels a press may wander and still be a click
const TABBED = 12; // neighbours that Tab walks through before it leaves the map

const kindOf = (event) => (event.pointerType === "touch" ? "touch" : "mouse");

// Mouse, fingers and keys on the stage, turned into what the map does.  `ready` tells whether there
// is a map to act on; `open` opens a row, `drop` lays the tool down, `escape` lets go of what was
// taken last.
export class Input {
  constructor({ stage, signal, ready, view, pointer, lasso, open, drop, escape }) {
    Object.assign(this, { stage, view, camera: view.camera, pointer, lasso, open, drop, escape });
    this.held = new Map(); // pointers pressed on the stage: id -> place
    this.rests = null; // where a mouse rests, pixels
    const on = (name, handler, options = {}) =>
      stage.addEventListener(name, (event) => ready() && handler(event), { signal, ...options });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.drag(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", (event) => this.cancel(event));
    on("pointerleave", (event) => kindOf(event) === "mouse" && this.forget());
    on("dblclick", (event) => this.twice(event));
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("keydown", (event) => this.key(event));
    on("blur", () => pointer.by === "key" && pointer.at(-1));
    // Wherever the focus is: a tool in the hand was taken by a click on its button.
    window.addEventListener("keydown", (event) => this.layDown(event), { signal, capture: true });
  }

  // ---- pointer

  placeOf(event) {
    const frame = this.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  // Points at what is under a resting mouse.
  hover() {
    if (this.rests && !this.held.size) this.pointer.at(this.pointer.pick(this.rests, REACH.mouse), "mouse");
  }

  forget() {
    this.rests = null;
    if (this.pointer.by === "mouse") this.pointer.at(-1);
  }

  press(event) {
    // A finger on a name may move the map, or be one of two; only its tap is the name's own.
    const named = kindOf(event) === "touch" && event.target.closest?.(".landmark");
    if (event.button !== 0 || (!named && event.target.closest?.("button"))) return;
    if (!named) this.stage.setPointerCapture(event.pointerId);
    const place = this.placeOf(event);
    this.held.set(event.pointerId, place);
    this.wandered = named || this.held.size > 1 ? Infinity : 0; // two fingers never click
    const kind = this.lasso.tool ?? (event.shiftKey ? "lasso" : null);
    this.drawing = this.held.size === 1 && kind !== null;
    if (this.drawing) this.lasso.begin(kind, place);
    else this.lasso.drop();
  }

  drag(event) {
    const place = this.placeOf(event);
    const before = this.held.get(event.pointerId);
    if (!before) {
      this.rests = place;
      if (!this.camera.moving) this.hover();
      return;
    }
    this.wandered += Math.hypot(place.x - before.x, place.y - before.y);
    if (this.wandered < STILL[kindOf(event)]) return;
    this.held.set(event.pointerId, place);
    this.pointer.at(-1);
    if (this.drawing) return this.lasso.extend(place);
    if (this.held.size === 2) this.pinch(before, place, event.pointerId);
    else this.camera.pan(place.x - before.x, place.y - before.y);
    this.stage.classList.add("dragging");
    this.view.move();
  }

  pinch(before, place, id) {
    const [, other] = [...this.held].find(([held]) => held !== id);
    const gap = (finger) => Math.max(10, Math.hypot(finger.x - other.x, finger.y - other.y));
    this.camera.pan((place.x - before.x) / 2, (place.y - before.y) / 2);
    this.camera.zoomBy(gap(place) / gap(before), (place.x + other.x) / 2, (place.y + other.y) / 2);
    this.camera.arrive();
  }

  release(event) {
    if (!this.held.delete(event.pointerId)) return;
    const kind = kindOf(event);
    const place = this.placeOf(event);
    this.stage.classList.remove("dragging");
    this.rests = kind === "mouse" ? place : null;
    const still = this.wandered < STILL[kind];
    if (this.drawing) {
      this.drawing = false;
      if (!still) return this.lasso.finish();
      this.lasso.drop();
    }
    if (still) this.click(place, kind);
    else this.hover();
  }

  cancel(event) {
    this.held.delete(event.pointerId);
    this.drawing = false;
    this.lasso.drop();
  }

  // Escape ends a drawing, and lays its tool down.
  layDown(event) {
    if (event.key !== "Escape" || !(this.drawing || this.lasso.tool)) return;
    event.stopPropagation();
    this.drawing = false;
    this.held.clear();
    this.stage.classList.remove("dragging");
    this.lasso.drop();
    this.drop();
  }

  // At once: two clicks on bare ground zoom in, two on a selfie only open it.
  click(place, kind) {
    const row = this.pointer.pick(place, REACH[kind]);
    const opens = kind === "mouse" || row === this.pointer.row; // a finger's first tap shows the card
    this.pointer.at(row, kind);
    if (row >= 0 && opens) this.open(row);
  }

  twice(event) {
    const place = this.placeOf(event);
    if (this.pointer.pick(place, REACH.mouse) < 0) this.view.zoomBy(2, place.x, place.y);
  }

  wheel(event) {
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    const amount = clamp(event.deltaY * lines, -240, 240);
    // At the whole map, turning on scrolls the page: the map is no trap.
    if (amount > 0 && this.camera.zoomAimed <= 1.001 && !event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = this.placeOf(event);
    this.view.zoomBy(Math.exp(-amount * (event.ctrlKey ? 0.012 : 0.0022)), x, y);
  }

  // ---- keyboard

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.stage) return;
    const goHome = () => this.view.goHome();
    const open = () => this.pointer.row >= 0 && this.open(this.pointer.row);
    const acts = {
      ArrowLeft: () => this.step(-1, 0),
      ArrowRight: () => this.step(1, 0),
      ArrowUp: () => this.step(0, -1),
      ArrowDown: () => this.step(0, 1),
      "+": () => this.zoom(1.6),
      "=": () => this.zoom(1.6),
      "-": () => this.zoom(1 / 1.6),
      0: goHome,
      Home: goHome,
      Enter: open,
      " ": open,
      Escape: this.escape,
    };
    const its = event.key === "Tab" ? this.tab(event.shiftKey ? -1 : 1) : acts[event.key];
    if (!its) return;
    event.preventDefault();
    event.stopPropagation();
    this.rests = null;
    its();
  }

  // Tab walks outwards from a selfie to the next nearest ones, then leaves the map; null to leave.
  tab(way) {
    const { row, by } = this.pointer;
    if (row < 0 || by !== "key") return null;
    if (this.walk?.[this.walked] !== row) {
      const others = this.outwards(...this.view.inFrame(row)).filter((other) => other !== row);
      [this.walk, this.walked] = [[row, ...others.slice(0, TABBED)], 0];
    }
    const next = this.walked + way;
    if (next < 0 || next >= this.walk.length) return null;
    return () => {
      this.walked = next;
      this.go(this.walk[next]);
    };
  }

  // Zooms about the current selfie, which stays pointed at.
  zoom(factor) {
    const about = this.pointer.row < 0 ? [] : this.view.inFrame(this.pointer.row);
    this.pointer.by = "key";
    this.view.zoomBy(factor, ...about);
  }

  // Goes to the neighbour in a direction: the next face, or the next point where none are drawn.
  // The first step goes to what is nearest to the middle.
  step(right, down) {
    const { pointer, camera } = this;
    if (pointer.row < 0) return this.go(this.outwards(camera.width / 2, camera.height / 2)[0]);
    const [x, y] = this.view.inFrame(pointer.row);
    const along = (one) => (one.x - x) * right + (one.y - y) * down;
    const aside = (one) => Math.abs((one.x - x) * down) + Math.abs((one.y - y) * right);
    const cost = (one) => along(one) + 2 * aside(one);
    const ahead = pointer.candidates().filter((one) => along(one) >= 3 && aside(one) <= along(one));
    this.go(ahead.sort((a, b) => cost(a) - cost(b))[0]?.row);
  }

  go(row) {
    if (row === undefined) return;
    this.view.bringIntoView(row);
    this.pointer.at(row, "key");
  }

  // What keys can go to, the nearest to a place of the frame first.
  outwards(x, y) {
    const far = (one) => Math.hypot(one.x - x, one.y - y);
    return this.pointer.candidates().sort((a, b) => far(a) - far(b)).map((one) => one.row);
  }
}

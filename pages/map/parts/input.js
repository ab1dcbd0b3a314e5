import { clamp, least } from "./basics.js";

const REACH = { mouse: 14, touch: 22 }; // pixels from the pointer at which a point is meant
const STILL = { mouse: 4, touch: 9 }; // pixels a press may wander and still be a click
const TABBED = 12; // neighbours that Tab walks through before it leaves the map

const kindOf = (event) => (event.pointerType === "touch" ? "touch" : "mouse");

// Mouse, fingers and keys, turned into what the map does.
export class Input {
  constructor(map, signal) {
    this.map = map;
    this.held = new Map(); // pointers pressed on the stage: id -> place
    this.rests = null; // where a mouse rests, pixels
    const on = (name, handler, options = {}) =>
      map.stage.addEventListener(name, (event) => map.hue && handler(event), { signal, ...options });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.drag(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", (event) => this.cancel(event));
    on("pointerleave", (event) => kindOf(event) === "mouse" && this.forget());
    on("dblclick", (event) => this.twice(event));
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("keydown", (event) => this.key(event));
    on("blur", () => map.pointer.by === "key" && map.pointer.at(-1));
  }

  // ---- pointer

  placeOf(event) {
    const frame = this.map.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  // Points at what is under a resting mouse.
  hover() {
    if (this.rests && !this.held.size) this.map.pointer.at(this.map.pointer.pick(this.rests, REACH.mouse), "mouse");
  }

  forget() {
    this.rests = null;
    if (this.map.pointer.by === "mouse") this.map.pointer.at(-1);
  }

  press(event) {
    // A finger on a name may move the map, or be one of two; only its tap is the name's own.
    const named = kindOf(event) === "touch" && event.target.closest?.(".landmark");
    if (event.button !== 0 || (!named && event.target.closest?.("button"))) return;
    if (!named) this.map.stage.setPointerCapture(event.pointerId);
    const place = this.placeOf(event);
    this.held.set(event.pointerId, place);
    this.wandered = named || this.held.size > 1 ? Infinity : 0; // two fingers never click
    const kind = this.map.tool ?? (event.shiftKey ? "lasso" : null);
    this.drawing = this.held.size === 1 && kind !== null;
    if (this.drawing) this.map.beginRegion(kind, place);
    else this.map.dropDrawing();
  }

  drag(event) {
    const place = this.placeOf(event);
    const before = this.held.get(event.pointerId);
    if (!before) {
      this.rests = place;
      if (!this.map.camera.moving) this.hover();
      return;
    }
    this.wandered += Math.hypot(place.x - before.x, place.y - before.y);
    if (this.wandered < STILL[kindOf(event)]) return;
    this.held.set(event.pointerId, place);
    this.map.pointer.at(-1);
    if (this.drawing) return this.map.extendRegion(place);
    if (this.held.size === 2) this.pinch(before, place, event.pointerId);
    else this.map.camera.pan(place.x - before.x, place.y - before.y);
    this.map.stage.classList.add("dragging");
    this.map.move();
  }

  pinch(before, place, id) {
    const { camera } = this.map;
    const [, other] = [...this.held].find(([held]) => held !== id);
    const gap = (finger) => Math.max(10, Math.hypot(finger.x - other.x, finger.y - other.y));
    camera.pan((place.x - before.x) / 2, (place.y - before.y) / 2);
    camera.zoomBy(gap(place) / gap(before), (place.x + other.x) / 2, (place.y + other.y) / 2);
    camera.arrive();
  }

  release(event) {
    if (!this.held.delete(event.pointerId)) return;
    const kind = kindOf(event);
    const place = this.placeOf(event);
    this.map.stage.classList.remove("dragging");
    this.rests = kind === "mouse" ? place : null;
    const still = this.wandered < STILL[kind];
    if (this.drawing) {
      this.drawing = false;
      if (!still) return this.map.finishRegion();
      this.map.dropDrawing();
    }
    if (still) this.click(place, kind);
    else this.hover();
  }

  cancel(event) {
    this.held.delete(event.pointerId);
    this.drawing = false;
    this.map.dropDrawing();
  }

  // At once: two clicks on bare ground zoom in, two on a selfie only open it.
  click(place, kind) {
    const row = this.map.pointer.pick(place, REACH[kind]);
    const opens = kind === "mouse" || row === this.map.pointer.row; // a finger's first tap shows the card
    this.map.pointer.at(row, kind);
    if (row >= 0 && opens) this.map.selection.open(row);
  }

  twice(event) {
    const place = this.placeOf(event);
    if (this.map.pointer.pick(place, REACH.mouse) < 0) this.map.zoomBy(2, place.x, place.y);
  }

  wheel(event) {
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
    const amount = clamp(event.deltaY * lines, -240, 240);
    // At the whole map, turning on scrolls the page: the map is no trap.
    if (amount > 0 && this.map.camera.zoomAimed <= 1.001 && !event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = this.placeOf(event);
    this.map.zoomBy(Math.exp(-amount * (event.ctrlKey ? 0.012 : 0.0022)), x, y);
  }

  // ---- keyboard

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.map.stage) return;
    const { map } = this;
    const acts = {
      ArrowLeft: () => this.step(-1, 0),
      ArrowRight: () => this.step(1, 0),
      ArrowUp: () => this.step(0, -1),
      ArrowDown: () => this.step(0, 1),
      "+": () => this.zoom(1.6),
      "=": () => this.zoom(1.6),
      "-": () => this.zoom(1 / 1.6),
      0: () => map.goHome(),
      Home: () => map.goHome(),
      Enter: () => map.pointer.row >= 0 && map.selection.open(map.pointer.row),
      " ": () => map.pointer.row >= 0 && map.selection.open(map.pointer.row),
      Escape: () => map.escape(),
    };
    const act = event.key === "Tab" ? this.tab(event.shiftKey ? -1 : 1) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.rests = null;
    act();
  }

  // Tab walks outwards from a selfie to the next nearest ones, then leaves the map; null to leave.
  tab(way) {
    const { map } = this;
    if (map.pointer.row < 0 || map.pointer.by !== "key") return null;
    if (this.walk?.[this.walked] !== map.pointer.row) [this.walk, this.walked] = [this.outwards(map.pointer.row), 0];
    const next = this.walked + way;
    if (next < 0 || next >= this.walk.length) return null;
    return () => {
      this.walked = next;
      this.go(this.walk[next]);
    };
  }

  outwards(row) {
    const [x, y] = this.map.inFrame(row);
    const far = (one) => Math.hypot(one.x - x, one.y - y);
    const others = this.map.pointer.candidates().filter((one) => one.row !== row);
    others.sort((a, b) => far(a) - far(b));
    return [row, ...others.slice(0, TABBED).map((one) => one.row)];
  }

  // Zooms about the current selfie, which stays pointed at.
  zoom(factor) {
    const { map } = this;
    const about = map.pointer.row < 0 ? [] : map.inFrame(map.pointer.row);
    map.pointer.by = "key";
    map.zoomBy(factor, ...about);
  }

  // Goes to the neighbour in a direction: the next face, or the next point where none are drawn.
  step(right, down) {
    const { map } = this;
    const middle = [map.camera.width / 2, map.camera.height / 2];
    const from = map.pointer.row < 0 ? null : map.inFrame(map.pointer.row);
    this.go(from ? this.neighbour(from, right, down) : this.nearest(middle));
  }

  go(row) {
    if (row < 0) return;
    this.map.bringIntoView(row);
    this.map.pointer.at(row, "key");
  }

  nearest([x, y]) {
    return least(this.map.pointer.candidates(), (one) => Math.hypot(one.x - x, one.y - y));
  }

  neighbour([x, y], right, down) {
    return least(this.map.pointer.candidates(), (one) => {
      const along = (one.x - x) * right + (one.y - y) * down;
      const aside = Math.abs((one.x - x) * down) + Math.abs((one.y - y) * right);
      return one.row === this.map.pointer.row || along < 3 || aside > along ? Infinity : along + 2 * aside;
    });
  }
}

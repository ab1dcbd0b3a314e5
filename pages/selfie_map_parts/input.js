import { clamp, least } from "./basics.js";

const REACH = { mouse: 14, touch: 22 }; // pixels from the pointer at which a point is meant
const STILL = { mouse: 4, touch: 9 }; // pixels a press may wander and still be a click
const SECOND_CLICK = 220; // ms; a click waits this long, as two of them zoom in

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
    on("pointercancel", (event) => this.held.delete(event.pointerId));
    on("pointerleave", (event) => kindOf(event) === "mouse" && this.forget());
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("keydown", (event) => this.key(event));
    on("blur", () => map.by === "key" && map.point(-1));
    signal.addEventListener("abort", () => clearTimeout(this.clickTimer));
  }

  // ---- pointer

  placeOf(event) {
    const frame = this.map.stage.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  }

  // Points at what is under a resting mouse.
  hover() {
    if (this.rests && !this.held.size) this.map.point(this.map.pick(this.rests, REACH.mouse), "mouse");
  }

  forget() {
    this.rests = null;
    if (this.map.by === "mouse") this.map.point(-1);
  }

  press(event) {
    if (event.button !== 0) return;
    this.map.stage.setPointerCapture(event.pointerId);
    this.held.set(event.pointerId, this.placeOf(event));
    this.wandered = this.held.size > 1 ? Infinity : 0; // two fingers never click
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
    if (this.held.size === 2) this.pinch(before, place, event.pointerId);
    else this.map.camera.pan(place.x - before.x, place.y - before.y);
    this.map.stage.classList.add("dragging");
    this.map.point(-1);
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
    if (this.wandered < STILL[kind]) this.click(place, kind);
    else this.hover();
  }

  click(place, kind) {
    const second = this.clickTimer && Math.hypot(place.x - this.clicked.x, place.y - this.clicked.y) < 24;
    clearTimeout(this.clickTimer);
    this.clickTimer = null;
    if (second) return this.map.zoomBy(2, place.x, place.y);
    const row = this.map.pick(place, REACH[kind]);
    const opens = kind === "mouse" || row === this.map.current; // a finger's first tap shows the card
    this.map.point(row, kind);
    this.clicked = place;
    this.clickTimer = setTimeout(() => {
      this.clickTimer = null;
      if (opens) this.map.choose(row);
    }, SECOND_CLICK);
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
    if (event.ctrlKey || event.metaKey || event.altKey) return;
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
      Enter: () => map.choose(map.current),
      " ": () => map.choose(map.current),
      Escape: () => map.point(-1),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.rests = null;
    act();
  }

  // Zooms about the current selfie, which stays pointed at.
  zoom(factor) {
    const { map } = this;
    const about = map.current < 0 ? [] : map.inFrame(map.current);
    map.by = "key";
    map.zoomBy(factor, ...about);
  }

  // Goes to the neighbour in a direction: the next face, or the next point where none are drawn.
  step(right, down) {
    const { map } = this;
    const middle = [map.camera.width / 2, map.camera.height / 2];
    const from = map.current < 0 ? null : map.inFrame(map.current);
    const row = from ? this.neighbour(from, right, down) : this.nearest(middle);
    if (row < 0) return;
    map.bringIntoView(row);
    map.point(row, "key");
  }

  nearest([x, y]) {
    return least(this.map.candidates(), (one) => Math.hypot(one.x - x, one.y - y));
  }

  neighbour([x, y], right, down) {
    return least(this.map.candidates(), (one) => {
      const along = (one.x - x) * right + (one.y - y) * down;
      const aside = Math.abs((one.x - x) * down) + Math.abs((one.y - y) * right);
      return one.row === this.map.current || along < 3 || aside > along ? Infinity : along + 2 * aside;
    });
  }
}

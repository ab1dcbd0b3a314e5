// The photo with a frame that one moves by hand, and the suggestions to start from, as a
// Streamlit component (v2).  Boxes are [left, top, right, bottom] in pixels of the whole photo.

import { componentOf } from "../shared/component.js";
import { clamp, make, makeButton, percent } from "../shared/dom.js";

const SIDES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const PAUSE = 80; // ms between two questions while one drags
const LOST = 2000; // ms after which a question is asked again
const STEP = 0.01; // of the photo, an arrow key's; five times as much with Shift
const GROW = 1.04; // of plus and minus

const same = (one, other) => Boolean(one && other) && one.every((edge, i) => edge === other[i]);

class PhotoFrame {
  constructor(parent) {
    this.gone = new AbortController();
    this.picture = make("img", "", { alt: "Your photo" });
    this.badge = make("span", "badge");
    const handles = SIDES.map((side) => {
      const handle = make("i", "handle");
      handle.dataset.side = side;
      return handle;
    });
    const asGroup = { tabIndex: 0, role: "group", ariaRoleDescription: "crop frame" };
    this.hole = make("div", "hole", asGroup, this.badge, ...handles);
    this.clip = make("div", "clip", this.picture, make("div", "shade"));
    this.stage = make("div", "stage", this.clip, this.hole);
    this.options = make("div", "options");
    this.root = make("div", "root", this.stage, this.options);
    parent.append(this.root);
    const on = (target, event, handler) =>
      target.addEventListener(event, handler, { signal: this.gone.signal });
    on(this.hole, "pointerdown", (e) => this.grab(e));
    on(this.hole, "pointermove", (e) => this.drag(e));
    for (const end of ["pointerup", "pointercancel"]) on(this.hole, end, () => this.drop());
    on(this.hole, "keydown", (e) => this.press(e));
  }

  leave() {
    this.gone.abort();
    clearTimeout(this.soon);
    this.root.remove();
  }

  show(data) {
    const first = !this.data;
    this.data = data;
    if (first) {
      this.stage.style.setProperty("--aspect", data.width / data.height);
      this.picture.src = data.picture;
      this.options.replaceChildren(...data.options.map((option, i) => this.makeOption(option, i)));
      this.told = data.scored.box; // where the page starts
      this.place(this.told);
    } else if (same(data.scored.box, this.told)) {
      this.asked = 0; // the answer is here
    }
    this.label();
    if (!this.settled) this.ask();
  }

  makeOption(option, place) {
    const picture = make("img", "", { src: option.picture, alt: "" });
    const words = [percent(option.score), make("small", "", option.note)];
    const button = makeButton("option", () => this.put(option.box), picture, ...words);
    button.ariaLabel = `${option.name}, ${percent(option.score)}, ${option.note}`;
    button.style.setProperty("--own", `var(--own-${option.rude ? 4 : place + 1})`);
    return button;
  }

  // The score of the frame as it lies, or undefined while it is not known.
  get score() {
    const { scored, options } = this.data;
    return [scored, ...options].find((known) => same(known.box, this.box))?.score;
  }

  label() {
    const { score, box } = this;
    this.root.classList.toggle("stale", score === undefined);
    if (score !== undefined) this.badge.textContent = percent(score);
    this.root.dataset.box = box.join(",");
    [...this.options.children].forEach((button, i) => {
      button.ariaPressed = same(this.data.options[i].box, box);
    });
    const size = `${box[2] - box[0]} by ${box[3] - box[1]} pixels`;
    const scored = score === undefined ? "" : `, scores ${percent(score)}`;
    this.hole.ariaLabel = `Frame, ${size}${scored}. Arrow keys move it, plus and minus change its size.`;
  }

  // Take a box, show it, and ask for its score.
  put(box) {
    this.place(box);
    this.label();
    this.ask();
  }

  place(box) {
    this.box = box;
    const { width, height } = this.data;
    const [left, top, right, bottom] = box;
    const share = (part, whole) => `${(100 * part) / whole}%`;
    const edges = { left: share(left, width), top: share(top, height) };
    const sides = { wide: share(right - left, width), high: share(bottom - top, height) };
    for (const [name, value] of Object.entries({ ...edges, ...sides })) {
      this.stage.style.setProperty(`--${name}`, value);
    }
  }

  // One question at a time, while one drags too: the next goes out when the answer is here.
  ask() {
    this.soon ??= setTimeout(() => {
      this.soon = null;
      const now = performance.now();
      if ((!this.asked || now - this.asked > LOST) && !this.settled) {
        this.asked = now;
        this.told = this.box;
        this.page.setStateValue("box", this.box);
      }
      if (!this.settled) this.ask();
    }, PAUSE);
  }

  // Whether the page has answered for the frame as it lies.
  get settled() {
    return same(this.box, this.data.scored.box);
  }

  grab(event) {
    if (event.button) return;
    event.preventDefault();
    this.hole.focus({ preventScroll: true, focusVisible: false });
    this.hole.setPointerCapture(event.pointerId);
    this.root.classList.add("dragging");
    this.held = {
      side: event.target.dataset.side ?? "",
      box: this.box,
      x: event.clientX,
      y: event.clientY,
      scale: this.data.width / this.stage.getBoundingClientRect().width, // pixels of the photo per CSS pixel
    };
  }

  drag(event) {
    if (!this.held) return;
    const { side, box, x, y, scale } = this.held;
    const [across, down] = [(event.clientX - x) * scale, (event.clientY - y) * scale];
    this.put(this.whole(side ? this.stretched(side, box, across, down) : moved(box, across, down)));
  }

  drop() {
    if (!this.held) return;
    this.held = null;
    this.root.classList.remove("dragging");
  }

  press(event) {
    const { width, height } = this.data;
    const step = STEP * (event.shiftKey ? 5 : 1) * Math.max(width, height);
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const grow = { "+": GROW, "=": GROW, "-": 1 / GROW, _: 1 / GROW }[event.key];
    if (!moves[event.key] && !grow) return;
    event.preventDefault();
    this.put(this.whole(grow ? this.grown(this.box, grow) : moved(this.box, ...moves[event.key])));
  }

  // The box with one side or corner pulled; what lies across stays where it is.
  stretched(side, [left, top, right, bottom], across, down) {
    const { width, height } = this.data;
    const toX = side.includes("e") - side.includes("w");
    const toY = side.includes("s") - side.includes("n");
    const [wide, high] = this.sized(
      right - left + toX * across,
      bottom - top + toY * down,
      toX > 0 ? width - left : toX < 0 ? right : width,
      toY > 0 ? height - top : toY < 0 ? bottom : height,
      toX && toY ? "both" : toX ? "width" : "height",
    );
    const start = (to, low, high, size) => (to > 0 ? low : to < 0 ? high - size : (low + high - size) / 2);
    const [x, y] = [start(toX, left, right, wide), start(toY, top, bottom, high)];
    return [x, y, x + wide, y + high];
  }

  grown([left, top, right, bottom], factor) {
    const { width, height } = this.data;
    const [wide, high] = this.sized((right - left) * factor, (bottom - top) * factor, width, height, "width");
    const [x, y] = [(left + right - wide) / 2, (top + bottom - high) / 2];
    return [x, y, x + wide, y + high];
  }

  // Width and height as wanted, in the asked shape and the room there is.
  sized(wide, high, roomX, roomY, leading) {
    const { aspect, least } = this.data;
    if (!aspect) return [clamp(wide, least, roomX), clamp(high, least, roomY)];
    const wanted = { both: Math.max(wide, high * aspect), width: wide, height: high * aspect }[leading];
    const found = clamp(wanted, least * Math.max(1, aspect), Math.min(roomX, roomY * aspect));
    return [found, found / aspect];
  }

  // In whole pixels, inside the photo.
  whole([left, top, right, bottom]) {
    const { width, height } = this.data;
    const [wide, high] = [Math.min(Math.round(right - left), width), Math.min(Math.round(bottom - top), height)];
    const x = clamp(Math.round(left), 0, width - wide);
    const y = clamp(Math.round(top), 0, height - high);
    return [x, y, x + wide, y + high];
  }
}

const moved = ([left, top, right, bottom], across, down) => [left + across, top + down, right + across, bottom + down];

export default componentOf(PhotoFrame);

// The photo with a frame that one moves by hand, and the suggestions to start from, as a
// Streamlit component (v2).  Boxes are [left, top, right, bottom] in pixels of the whole photo.

import { Component, componentOf } from "../shared/component.js";
import { clamp, make, makeButton, percent } from "../shared/dom.js";

const SIDES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const PAUSE = 80; // ms between two questions while one drags
const LOST = 2000; // ms after which a question is asked again
const STEP = 0.01; // of the photo, an arrow key's; five times as much with Shift
const GROW = 1.04; // of plus and minus

const same = (one, other) => Boolean(one && other) && one.every((edge, i) => edge === other[i]);

class PhotoFrame extends Component {
  constructor() {
    super();
    this.picture = make("img", "", { alt: "Your photo" });
    this.badge = make("span", "badge");
    const handles = SIDES.map((side) => make("i", "handle", { dataset: { side } }));
    const asGroup = { tabIndex: 0, role: "group", ariaRoleDescription: "crop frame" };
    this.hole = make("div", "hole", asGroup, this.badge, ...handles);
    this.clip = make("div", "clip", this.picture, make("div", "shade"));
    this.stage = make("div", "stage", this.clip, this.hole);
    this.options = make("div", "options");
    this.root = make("div", "root", this.stage, this.options);
    this.on(this.hole, "pointerdown", (e) => this.grab(e));
    this.on(this.hole, "pointermove", (e) => this.drag(e));
    for (const end of ["pointerup", "pointercancel"]) this.on(this.hole, end, () => this.drop());
    this.on(this.hole, "keydown", (e) => this.press(e));
  }

  leave() {
    super.leave();
    clearTimeout(this.soon);
  }

  show(data) {
    const first = !this.data;
    this.data = data;
    if (first) {
      this.stage.style.setProperty("--aspect", data.width / data.height);
      this.picture.src = data.picture;
      this.options.replaceChildren(...data.options.map((option, i) => this.makeOption(option, i)));
      this.box = this.told = data.scored.box; // where the page starts
    } else if (same(data.scored.box, this.told)) {
      this.asked = 0; // the answer is here
    }
    this.draw();
    this.ask();
  }

  makeOption(option, place) {
    const picture = make("img", "", { src: option.picture, alt: "" });
    const words = [percent(option.score), make("small", "", option.note)];
    const own = {
      ariaLabel: `${option.name}, ${percent(option.score)}, ${option.note}`,
      style: `--own: var(--own-${option.rude ? 4 : place + 1})`,
    };
    return makeButton("option", () => this.put(option.box), own, picture, ...words);
  }

  draw() {
    const { width, height, scored, options } = this.data;
    const [left, top, right, bottom] = this.box;
    const [wide, high] = [right - left, bottom - top];
    const shares = { left: left / width, top: top / height, wide: wide / width, high: high / height };
    for (const [name, share] of Object.entries(shares)) {
      this.stage.style.setProperty(`--${name}`, `${100 * share}%`);
    }
    // Undefined while the score of the frame as it lies is not known.
    const score = [scored, ...options].find((known) => same(known.box, this.box))?.score;
    this.root.classList.toggle("stale", score === undefined);
    this.badge.textContent = percent(score ?? scored.score); // else what stands beside it, pale
    this.root.dataset.box = this.box.join(",");
    [...this.options.children].forEach((button, i) => {
      button.ariaPressed = same(options[i].box, this.box);
    });
    const said = score === undefined ? "" : `, scores ${percent(score)}`;
    const keys = "Arrow keys move it, plus and minus change its size.";
    this.hole.ariaLabel = `Frame, ${wide} by ${high} pixels${said}. ${keys}`;
  }

  // Takes a box, in whole pixels and inside the photo, shows it, and asks for its score.
  put([left, top, right, bottom]) {
    const { width, height } = this.data;
    const wide = Math.min(Math.round(right - left), width);
    const high = Math.min(Math.round(bottom - top), height);
    const x = clamp(Math.round(left), 0, width - wide);
    const y = clamp(Math.round(top), 0, height - high);
    this.box = [x, y, x + wide, y + high];
    this.draw();
    this.ask();
  }

  // One question at a time, while one drags too: the next goes out when the answer is here.
  ask() {
    this.soon ??= setTimeout(() => {
      this.soon = null;
      if (same(this.box, this.data.scored.box)) return; // the page has answered
      const now = performance.now();
      if (!this.asked || now - this.asked > LOST) {
        this.asked = now;
        this.told = this.box;
        this.page.setStateValue("box", this.box);
      }
      this.ask();
    }, PAUSE);
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
    this.put(side ? this.stretched(side, box, across, down) : moved(box, across, down));
  }

  drop() {
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
    this.put(grow ? this.grown(this.box, grow) : moved(this.box, ...moves[event.key]));
  }

  stretched(side, box, across, down) {
    const [left, top, right, bottom] = box;
    const toX = side.includes("e") - side.includes("w");
    const toY = side.includes("s") - side.includes("n");
    const leading = toX && toY ? "both" : toX ? "width" : "height";
    const size = [right - left + toX * across, bottom - top + toY * down];
    return this.resized(box, [toX, toY], size, leading);
  }

  grown(box, factor) {
    const [left, top, right, bottom] = box;
    return this.resized(box, [0, 0], [(right - left) * factor, (bottom - top) * factor], "width");
  }

  // The box in a wanted size, in the asked shape and the room there is.  Along each axis it changes
  // at the right or lower edge (1), at the left or upper (-1), or at both (0); the other one stays.
  resized([left, top, right, bottom], [toX, toY], [wide, high], leading) {
    const { width, height, aspect, least } = this.data;
    const room = (to, low, high, whole) => (to > 0 ? whole - low : to < 0 ? high : whole);
    const [roomX, roomY] = [room(toX, left, right, width), room(toY, top, bottom, height)];
    if (aspect) {
      const wanted = { both: Math.max(wide, high * aspect), width: wide, height: high * aspect }[leading];
      wide = clamp(wanted, least * Math.max(1, aspect), Math.min(roomX, roomY * aspect));
      high = wide / aspect;
    } else {
      [wide, high] = [clamp(wide, least, roomX), clamp(high, least, roomY)];
    }
    const start = (to, low, high, size) => (to > 0 ? low : to < 0 ? high - size : (low + high - size) / 2);
    const [x, y] = [start(toX, left, right, wide), start(toY, top, bottom, high)];
    return [x, y, x + wide, y + high];
  }
}

const moved = ([left, top, right, bottom], across, down) => [left + across, top + down, right + across, bottom + down];

export default componentOf(PhotoFrame);

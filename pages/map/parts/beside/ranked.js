import { make, makeNamedButton } from "../../../shared/dom.js";

const SPARE = 3; // lines kept above and below what is in sight
const LEAST_SIDE = 64; // pixels
const GAP = 4;

// Any number of selfies as a grid, best first; only what is in sight exists.  `base` is the
// address of their gallery; `name` names one for those who hear it.
export class Ranked {
  constructor({ scroller, base, pointed, chosen, name }) {
    Object.assign(this, { scroller, base, pointed, chosen, name });
    this.root = make("div", "ranked", { role: "list" });
    this.cells = new Map(); // place -> element
    this.rows = [];
    scroller.addEventListener("scroll", () => this.fill(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(this.root);
  }

  show(rows, lit = -1) {
    Object.assign(this, { rows, lit });
    this.clear();
    this.measure();
  }

  clear() {
    this.cells.forEach((cell) => cell.remove());
    this.cells.clear();
  }

  measure() {
    const width = this.root.clientWidth;
    if (!width) return;
    const across = Math.max(3, Math.floor((width + GAP) / (LEAST_SIDE + GAP)));
    const pitch = (width + GAP) / across;
    if (across !== this.across || pitch !== this.pitch) this.clear();
    Object.assign(this, { across, pitch });
    this.root.style.height = `${Math.ceil(this.rows.length / across) * pitch}px`;
    this.fill();
  }

  fill() {
    if (!this.pitch || !this.root.isConnected) return;
    const top = this.scroller.getBoundingClientRect().top - this.root.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / this.pitch) - SPARE) * this.across;
    const lines = Math.ceil(this.scroller.clientHeight / this.pitch) + 2 * SPARE;
    const end = Math.min(this.rows.length, first + lines * this.across);
    for (const [place, cell] of this.cells) {
      if (place >= first && place < end) continue;
      cell.remove();
      this.cells.delete(place);
    }
    for (let place = first; place < end; place++) if (!this.cells.has(place)) this.add(place);
  }

  add(place) {
    const row = this.rows[place];
    const image = make("img", "", { alt: "", decoding: "async", src: `${this.base}/thumb/${row}` });
    const cell = makeNamedButton("ranked-cell", this.name(row, place), () => this.chosen(row), image);
    cell.dataset.row = row;
    cell.classList.toggle("lit", row === this.lit);
    const side = this.pitch - GAP;
    const [left, top] = [(place % this.across) * this.pitch, Math.floor(place / this.across) * this.pitch];
    cell.style.cssText = `left:${left}px;top:${top}px;width:${side}px;height:${side}px`;
    cell.addEventListener("pointerenter", () => this.pointed(row));
    cell.addEventListener("pointerleave", () => this.pointed(-1));
    cell.addEventListener("focus", () => cell.matches(":focus-visible") && this.pointed(row));
    this.cells.set(place, cell);
    this.root.append(cell);
  }

  // Scrolls so that a row is in the middle of what is in sight.
  bring(row) {
    const place = this.rows.indexOf(row);
    if (place < 0 || !this.pitch) return;
    const own = this.root.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    const line = Math.floor(place / this.across) * this.pitch;
    this.scroller.scrollTop += own + line - this.scroller.clientHeight / 2 + this.pitch / 2;
    this.fill();
  }
}

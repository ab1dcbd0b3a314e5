import { make, makeNamedButton } from "../../../shared/dom.js";
import { LongGrid } from "../../../shared/long_grid.js";

const SIDE = 64; // pixels of a photo, at least

// Any number of selfies as a grid, best first.  `base` is the address of their gallery; `name`
// names one for those who hear it.
export class Ranked {
  constructor({ scroller, base, name }) {
    Object.assign(this, { scroller, base, name });
    this.root = make("div", "ranked", { role: "list" });
    this.grid = new LongGrid(this.root, { gap: 4, fewest: 3, make: (place) => this.makeCell(place) });
    this.rows = [];
    scroller.addEventListener("scroll", () => this.fill(), { passive: true });
    new ResizeObserver(() => this.fill()).observe(this.root);
  }

  // Shows rows; the one that is lit is scrolled to the middle of what is in sight.
  show(rows, lit) {
    Object.assign(this, { rows, lit });
    this.grid.clear();
    this.fill();
    const place = rows.indexOf(lit);
    if (place < 0) return;
    const { clientHeight } = this.scroller;
    this.scroller.scrollTop += this.below + this.grid.topOf(place) - clientHeight / 2 + this.grid.pitch / 2;
    this.fill();
  }

  fill() {
    if (!this.root.clientWidth) return;
    this.grid.layOut(this.rows.length, SIDE);
    this.grid.fill(-this.below, this.scroller.clientHeight);
  }

  // How far below the upper edge of what is in sight the grid begins, pixels.
  get below() {
    return this.root.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  makeCell(place) {
    const row = this.rows[place];
    const image = make("img", "", { alt: "", decoding: "async", src: `${this.base}/thumb/${row}` });
    const className = `ranked-cell ${row === this.lit ? "lit" : ""}`;
    return makeNamedButton(className, this.name(row, place), null, { dataset: { row } }, image);
  }
}

const SPARE = 3; // lines kept above and below what is in sight

// Any number of cells in lines, of which only those near what is in sight exist.  `make` gives the
// cell of a place, `dropped` hears of one that goes; at least `fewest` stand side by side.
export class LongGrid {
  constructor(root, { gap, fewest, make, dropped = () => {} }) {
    Object.assign(this, { root, gap, fewest, make, dropped });
    this.cells = new Map(); // place -> cell
  }

  clear() {
    this.cells.forEach((cell) => cell.remove());
    this.cells.clear();
  }

  // Takes how many places there are and the side that cells should have, pixels.
  layOut(count, side) {
    const width = this.root.clientWidth + this.gap;
    const columns = Math.max(this.fewest, Math.floor(width / (side + this.gap)));
    const pitch = width / columns; // pixels from cell to cell
    const changed = columns !== this.columns || pitch !== this.pitch;
    Object.assign(this, { count, columns, pitch });
    if (changed) this.cells.forEach((cell, place) => this.put(cell, place));
    const height = `${Math.ceil(count / columns) * pitch - this.gap}px`;
    if (this.root.style.height !== height) this.root.style.height = height;
  }

  // Makes the cells that a window of a height shows from `top` on, pixels, and drops all others but
  // the one to keep; returns the first place and the one after the last.
  fill(top, height, kept = -1) {
    const first = Math.max(0, Math.floor(top / this.pitch) - SPARE) * this.columns;
    const lines = Math.ceil(height / this.pitch) + 2 * SPARE + 1;
    const end = Math.min(this.count, first + lines * this.columns);
    for (const [place, cell] of this.cells) {
      if ((place >= first && place < end) || place === kept) continue;
      this.dropped(cell);
      cell.remove();
      this.cells.delete(place);
    }
    for (let place = first; place < end; place++) this.cell(place);
    if (kept >= 0 && kept < this.count) this.cell(kept);
    return [first, end];
  }

  // The cell of a place, made if there is none.
  cell(place) {
    if (!this.cells.has(place)) {
      const cell = this.make(place);
      this.cells.set(place, cell);
      this.put(cell, place);
      this.root.append(cell);
    }
    return this.cells.get(place);
  }

  topOf(place) {
    return Math.floor(place / this.columns) * this.pitch;
  }

  put(cell, place) {
    const side = `${this.pitch - this.gap}px`;
    const left = `${(place % this.columns) * this.pitch}px`;
    Object.assign(cell.style, { left, top: `${this.topOf(place)}px`, width: side, height: side });
  }
}

// All photos of a gallery, or of a part of it, best first, as a Streamlit component (v2): the page
// scrolls past any number of them.  Only cells near the window exist; their pictures come as
// sheets of CHUNK photos.

import { componentOf } from "../shared/component.js";
import { clamp, counted, make } from "../shared/dom.js";
import { LongGrid } from "../shared/long_grid.js";
import { Server } from "../shared/server.js";
import { Grid } from "./grid.js";

const CHUNK = 120; // photos of one sheet
const ACROSS = 12; // of them side by side in it
const SHEET_CELL = 96; // pixels
const AT_ONCE = 3; // sheets on their way
const KEPT = 60; // sheets, 4 MB each once decoded

class RankedGrid extends Grid {
  constructor() {
    super();
    this.grid = new LongGrid(this.cells, {
      gap: 3,
      fewest: 4,
      make: (place) => this.makeCell(place),
      dropped: (cell) => cell === this.active && this.point(null),
    });
    this.sheets = new Map(); // number -> address once arrived, null on its way
    this.here = 0; // the place that the keys are at
    this.pill = make("div", "pill", make("span"));
    this.root.toggleAttribute("data-ranked", true);
    this.root.dataset.ready = "";
    this.cells.before(this.pill);
    this.on(window, "scroll", () => this.soonDraw(), { capture: true, passive: true });
    new ResizeObserver(() => this.soonDraw()).observe(this.root);
  }

  async show(data) {
    this.markStars(data);
    const wanted = `${data.base} ${data.mask}`;
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    const arrived = await this.fetchRanks(data).catch(() => null);
    if (wanted !== this.wanted || this.gone.signal.aborted) return;
    if (!arrived) return this.fail();
    this.failed.hidden = true;
    this.data = { ...data, ...arrived };
    this.point(null);
    this.grid.clear();
    this.sheets.clear();
    this.here = 0;
    this.cells.ariaLabel = `${counted(this.data.rows.length, "selfie")}, best first; arrow keys move`;
    this.draw();
  }

  // Rows best first with rank, score and percentile; those that the mask leaves out are skipped.
  async fetchRanks({ base, mask }) {
    const server = new Server(base, this.gone.signal);
    const asked = [server.numbers("ranked.bin", Uint32Array), server.columns(["score", "percentile"])];
    const [all, [score, percentile]] = await Promise.all(asked);
    const bits = mask === null ? null : Uint8Array.from(atob(mask), (sign) => sign.charCodeAt(0));
    const isIn = (row) => !bits || (bits[row >> 3] >> (row & 7)) & 1;
    const ranks = [...all.keys()].filter((place) => isIn(all[place])).map((place) => place + 1);
    const rows = ranks.map((rank) => all[rank - 1]);
    return { rows, ranks, scores: rows.map((row) => score[row]), percentiles: rows.map((row) => percentile[row]) };
  }

  soonDraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const width = this.cells.clientWidth;
    if (!this.data?.rows || !width) return;
    this.grid.layOut(this.data.rows.length, width < 600 ? Math.min(this.data.side, 66) : this.data.side);
    const { top } = this.cells.getBoundingClientRect();
    this.window = this.grid.fill(-top, innerHeight, this.here);
    this.say(top);
    clearTimeout(this.settled); // who scrolls past fetches nothing
    this.settled = setTimeout(() => this.fetchSheets(), 60);
  }

  get columns() {
    return this.grid.columns;
  }

  // The rank and score that have been scrolled to.
  say(top) {
    const place = Math.min(this.data.rows.length - 1, Math.max(0, Math.ceil((80 - top) / this.grid.pitch)) * this.columns);
    this.pill.classList.toggle("shown", top < 0 && place > 0);
    if (place < 0) return;
    const { rank, score } = this.words(place);
    this.pill.firstChild.textContent = `${rank}, ${score}`;
  }

  makeCell(place) {
    const cell = super.makeCell(place);
    cell.tabIndex = place === this.here ? 0 : -1;
    this.markStar(cell);
    this.dress(cell, place);
    return cell;
  }

  spot(place) {
    const [size, inside] = [this.sizeOf(Math.floor(place / CHUNK)), place % CHUNK];
    const columns = Math.min(ACROSS, size);
    return [inside % columns, columns, Math.floor(inside / columns), Math.ceil(size / columns)];
  }

  sizeOf(number) {
    return Math.min(CHUNK, this.data.rows.length - number * CHUNK);
  }

  // Give a cell its sheet, if that has arrived.
  dress(cell, place) {
    const address = this.sheets.get(Math.floor(place / CHUNK));
    cell.toggleAttribute("data-waiting", !address);
    if (!address) return;
    const [, columns, , lines] = this.spot(place);
    const { style } = cell.querySelector(".cut");
    style.setProperty("--sheet", `url("${address}")`);
    style.setProperty("--sheet-columns", columns);
    style.setProperty("--sheet-lines", lines);
  }

  fetchSheets() {
    if (this.gone.signal.aborted) return;
    const [first, end] = this.window;
    let free = AT_ONCE - [...this.sheets.values()].filter((address) => address === null).length;
    for (let number = Math.floor(first / CHUNK); number * CHUNK < end && free > 0; number++) {
      if (this.sheets.has(number)) continue;
      this.fetchSheet(number);
      free--;
    }
  }

  async fetchSheet(number) {
    const { base, rows } = this.data;
    const of = rows.slice(number * CHUNK, (number + 1) * CHUNK).join(",");
    const columns = Math.min(ACROSS, this.sizeOf(number));
    const address = `${base}/grid.jpg?of=${of}&columns=${columns}&cell=${SHEET_CELL}`;
    const { sheets } = this;
    sheets.set(number, null);
    const sheet = make("img", "", { src: address });
    const arrived = await sheet.decode().then(() => true, () => false);
    if (this.data.rows !== rows) return;
    if (arrived) sheets.set(number, address);
    else sheets.delete(number);
    if (sheets.size > KEPT) sheets.delete(sheets.keys().next().value);
    if (!arrived) return setTimeout(() => this.fetchSheets(), 3000);
    for (let place = number * CHUNK; place < (number + 1) * CHUNK; place++) {
      const cell = this.grid.cells.get(place);
      if (cell) this.dress(cell, place);
    }
    this.fetchSheets();
  }

  steps(here) {
    const page = this.columns * Math.max(1, Math.floor((innerHeight - 120) / this.grid.pitch));
    const to = (place) => clamp(place, 0, this.data.rows.length - 1) - here;
    return { ...super.steps(here), PageUp: to(here - page), PageDown: to(here + page) };
  }

  press(event, cell) {
    if (event.key === "s" && cell) this.toggleStar(cell);
    else super.press(event, cell);
  }

  go(place) {
    const cell = this.stay(place);
    cell.scrollIntoView({ block: "nearest" });
    cell.focus({ preventScroll: true });
  }

  // Makes a place the one that the keys are at.
  stay(place) {
    this.grid.cells.get(this.here)?.setAttribute("tabindex", -1);
    this.here = place;
    return Object.assign(this.grid.cell(place), { tabIndex: 0 });
  }

  choose(cell) {
    this.stay(Number(cell.dataset.place));
    if (this.pick) this.toggleStar(cell);
    else super.choose(cell);
  }

  markStars({ starred, pick }) {
    this.pick = pick;
    this.stars = new Set(starred);
    this.root.toggleAttribute("data-pick", pick);
    this.grid.cells.forEach((cell) => this.markStar(cell));
  }

  markStar(cell) {
    cell.ariaPressed = this.stars.has(Number(cell.dataset.row));
    cell.toggleAttribute("data-star", this.stars.has(Number(cell.dataset.row)));
  }

  // The mark changes at once; the server's answer confirms it.
  toggleStar(cell) {
    const row = Number(cell.dataset.row);
    if (!this.stars.delete(row)) this.stars.add(row);
    this.markStar(cell);
    this.page.setTriggerValue("starred", row);
  }
}

export default componentOf(RankedGrid);

import { counted } from "../../../shared/dom.js";
import { FINE } from "./lasso.js";

// Which selfies are shown (a filter of the legend), which of them stand out (a region drawn, a
// landmark, what a search found), and which one is open.  `shown` hears of every change:
// group(group, {look}), selfie(row, {look}) and nothing(); `look` asks for bringing it into view.
export class Selection {
  constructor({ places, table, server, lasso, landmarks, shown }) {
    Object.assign(this, { places, table, server, lasso, landmarks, shown });
    this.filter = null; // a test of a value, or null for all
    this.group = null; // {title, rows best first, member: flags per row, from: how the address names it}
    this.row = -1; // the selfie that is open
  }

  shows(row) {
    return this.places.has(row) && (!this.filter || this.filter(this.table.values[row]));
  }

  stands(row) {
    return this.shows(row) && (!this.group || this.group.member[row] === 1);
  }

  shownRows() {
    return this.places.index.placed.filter((row) => this.shows(row));
  }

  close() {
    this.group = null;
    this.row = -1;
    this.sought = "";
    this.lasso.clear();
    this.shown.nothing();
  }

  // ---- a group

  choose(rows, { title, from, whole = false, lit = -1, look = false }) {
    const { score, count } = this.table;
    const best = rows.filter((row) => this.places.has(row)).sort((a, b) => score[b] - score[a]);
    const member = new Uint8Array(count);
    for (const row of best) member[row] = 1;
    this.group = { title: title(counted(best.length)), rows: best, member, from, whole };
    this.row = lit;
    this.shown.group(this.group, { look });
  }

  // All that the filter leaves, ranked, with one of them lit.
  async showInGrid(row) {
    await this.table.have();
    this.lasso.clear();
    this.choose([...this.shownRows()], { title: (count) => `All ${count}, ranked`, whole: true, lit: row });
  }

  async search(text, { look = true } = {}) {
    this.sought = text;
    if (!text) {
      if (this.group?.from?.find) this.close();
      return;
    }
    const [found] = await Promise.all([this.server.find(text).catch(() => []), this.table.have()]);
    if (this.sought !== text) return; // typed on since
    this.lasso.clear();
    const rows = Array.from(found).filter((row) => this.shows(row));
    this.choose(rows, { title: (count) => `${count} found for “${text}”`, from: { find: text }, look });
  }

  async chooseLandmark(number, { look = true } = {}) {
    const landmark = this.landmarks.numbered(number);
    const asked = this.server.columns(["region"]).catch(() => []);
    const [[region]] = await Promise.all([asked, this.table.have()]);
    if (!landmark || !region) return;
    this.lasso.clear();
    const rows = [...region.keys()].filter((row) => region[row] === number && this.shows(row));
    this.choose(rows, { title: (count) => `${count}: ${landmark.name}`, from: { region: `@${number}` }, look });
  }

  // What the hand went round.
  async chooseDrawn() {
    const { lasso, places } = this;
    await this.table.have();
    const rows = lasso.rowsIn(places.index).filter((row) => this.shows(row));
    const corners = lasso.corners.map(([x, y]) => places.turn(x, y).map((value) => Math.round(value * FINE)).join("."));
    this.choose(rows, { title: (count) => `${count} in this region`, from: { region: corners.join("_") } });
  }

  // A region as the address keeps it: "@3" for a landmark, else the corners that were drawn.
  async restore(text) {
    if (text.startsWith("@")) return this.chooseLandmark(Number(text.slice(1)), { look: false });
    const corners = text.split("_").map((corner) => corner.split(".").map((value) => Number(value) / FINE));
    if (corners.length < 3 || !corners.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y))) return undefined;
    this.lasso.corners = corners.map(([x, y]) => this.places.turn(x, y));
    return this.chooseDrawn();
  }

  // ---- one selfie

  async open(row, { look = true } = {}) {
    await this.table.have([row]);
    this.row = row;
    this.shown.selfie(row, { look });
  }

  back() {
    this.row = -1;
    this.shown.group(this.group, { look: false });
  }
}

import { counted } from "../basics.js";
import { FINE } from "./lasso.js";

// Which selfies are shown (a filter of the legend), which of them stand out (a region drawn, a
// landmark, what a search found), and which one is open.  The panel shows what is chosen.
export class Selection {
  constructor(map) {
    this.map = map;
    this.filter = null; // a test of a value, or null for all
    this.group = null; // {title, rows best first, member: flags a row, from: how the address names it}
    this.row = -1; // the selfie that is open
  }

  shows(row) {
    return this.map.places.has(row) && (!this.filter || this.filter(this.map.values[row]));
  }

  stands(row) {
    return this.shows(row) && (!this.group || this.group.member[row] === 1);
  }

  get narrowed() {
    return Boolean(this.filter || this.group);
  }

  shownRows() {
    return this.map.places.index.placed.filter((row) => this.shows(row));
  }

  // What the address bar keeps of the group.
  get address() {
    return { find: "", region: "", ...this.group?.from };
  }

  drop() {
    this.group = null;
    this.row = -1;
  }

  close() {
    const { map } = this;
    this.drop();
    map.panel.close();
    map.toolbar.search.value = "";
    map.lasso.clear();
    map.link(-1, []);
    map.renew();
    map.keepSoon();
    map.stage.focus({ preventScroll: true });
  }

  // ---- a group

  choose(rows, { title, from, whole = false, lit = -1 }) {
    const { map } = this;
    const best = rows.filter((row) => map.places.has(row)).sort((a, b) => map.score[b] - map.score[a]);
    const member = new Uint8Array(map.count);
    for (const row of best) member[row] = 1;
    this.group = { title: title(counted(best.length)), rows: best, member, from, whole };
    this.row = lit;
    map.link(-1, []);
    map.panel.showGroup(this.group, lit);
    map.renew();
    map.say(this.group.title);
    map.keepSoon();
  }

  // All that the filter leaves, ranked, with one of them lit.
  showInGrid(row) {
    this.map.lasso.clear();
    this.choose(this.shownRows(), { title: (count) => `All ${count}, ranked`, whole: true, lit: row });
  }

  async search(text, { look = true } = {}) {
    const { server, toolbar, lasso } = this.map;
    if (!text) {
      if (this.group?.from?.find) this.close();
      return;
    }
    toolbar.search.value = text;
    const found = await server.find(text).catch(() => []);
    if (server !== this.map.server || toolbar.search.value.trim() !== text) return; // typed on since
    lasso.clear();
    const rows = Array.from(found).filter((row) => this.shows(row));
    this.choose(rows, { title: (count) => `${count} found for “${text}”`, from: { find: text } });
    if (look) this.map.lookAtRows(rows);
  }

  async chooseLandmark(number, { look = true } = {}) {
    const { map } = this;
    const landmark = map.data.landmarks.find((one) => one.region === number);
    const [region] = await map.server.columns(["region"]).catch(() => []);
    if (!landmark || !region) return;
    map.lasso.clear();
    const rows = [...region.keys()].filter((row) => region[row] === number && this.shows(row));
    this.choose(rows, { title: (count) => `${count}: ${landmark.name}`, from: { region: `@${number}` } });
    if (look) map.lookAtRows(rows);
  }

  // What the hand went round.
  chooseDrawn() {
    const { lasso, places } = this.map;
    const rows = lasso.rowsIn(places.index).filter((row) => this.shows(row));
    const corners = lasso.corners.map(([x, y]) => places.turn(x, y).map((value) => Math.round(value * FINE)).join("."));
    this.choose(rows, { title: (count) => `${count} in this region`, from: { region: corners.join("_") } });
  }

  // A region as the address keeps it: "@3" for a landmark, else the corners that were drawn.
  async restore(text) {
    if (text.startsWith("@")) return this.chooseLandmark(Number(text.slice(1)), { look: false });
    const corners = text.split("_").map((corner) => corner.split(".").map((value) => Number(value) / FINE));
    if (corners.length < 3 || !corners.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y))) return undefined;
    this.map.lasso.corners = corners.map(([x, y]) => this.map.places.turn(x, y));
    return this.chooseDrawn();
  }

  // ---- one selfie

  open(row, { look = true } = {}) {
    const { map } = this;
    this.row = row;
    map.link(-1, []);
    map.card.clear();
    map.panel.showSelfie(row, { inGroup: Boolean(this.group) });
    if (look && map.places.has(row)) map.bringIntoView(row);
    map.root.dataset.selfie = row;
    map.invalidate();
    map.keepSoon();
  }

  back() {
    this.row = -1;
    this.map.root.dataset.selfie = "";
    this.map.link(-1, []);
    if (this.group) this.map.panel.showGroup(this.group);
    this.map.keepSoon();
  }
}

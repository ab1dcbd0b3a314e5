import { Component } from "../shared/component.js";
import { counted, make, makeButton, percent, standing } from "../shared/dom.js";
import { Card } from "./card.js";

// Photos side by side, each a real button that shows its cut of a sheet: pointing, keys, opening.
// A kind of grid says where photos lie on their sheets (`spot`), how many stand side by side
// (`columns`), and moves the focus (`go`).
export class Grid extends Component {
  constructor() {
    super();
    this.cells = make("div", "cells", { role: "group" });
    this.card = new Card();
    const sorry = "These photos did not arrive. Reload the page to try again.";
    this.failed = make("p", "failed", { hidden: true }, sorry);
    this.root = make("div", "root", this.cells, this.card.root, this.failed);
    const cellOf = (event) => event.target.closest(".cell");
    // A finger has no hover: its tap opens at once.
    this.on(this.cells, "pointerover", (e) => e.pointerType !== "touch" && this.point(cellOf(e)));
    this.on(this.cells, "pointerleave", () => this.point(null));
    this.on(this.cells, "focusin", (e) => e.target.matches(":focus-visible") && this.point(cellOf(e)));
    this.on(this.cells, "focusout", () => this.point(null));
    this.on(this.cells, "keydown", (e) => this.press(e, cellOf(e)));
    this.on(this.cells, "click", (e) => cellOf(e) && this.choose(cellOf(e)));
    const follow = () => this.active && this.card.place(this.active.querySelector(".cut"));
    this.on(window, "scroll", follow, { capture: true, passive: true });
  }

  // A dialog's Tab knows no shadow root: its host takes the focus there, and hands it on.
  takeTab() {
    const { host } = this.root.getRootNode();
    if (!host?.closest("[role=dialog]") || host.tabIndex === 0) return;
    host.tabIndex = 0;
    const handOn = (event) => event.composedPath()[0] === host && this.cells.querySelector("[tabindex='0']").focus();
    this.on(host, "focus", handOn);
  }

  fail() {
    this.wanted = this.data = null;
    this.cells.replaceChildren();
    this.failed.hidden = false;
  }

  makeCell(place) {
    const { rows, ranks } = this.data;
    const [column, columns, line, lines] = this.spot(place);
    const style = `--x: ${share(column, columns)}; --y: ${share(line, lines)}`;
    const cut = make("span", "cut", { style });
    const { name, score, rank, better } = this.words(place);
    const ariaLabel = [name, rank, score, better].filter(Boolean).join(", ");
    const dataset = { place, row: rows[place], rank: ranks[place] };
    return makeButton("cell", null, { ariaLabel, dataset }, cut);
  }

  words(place) {
    const { ranks, scores, percentiles, captions, total, notes } = this.data;
    return {
      name: captions?.[place],
      score: percent(scores[place]),
      rank: `rank ${counted(ranks[place])}`,
      better: notes?.[place] ?? `scores ${standing(percentiles[place])} of ${counted(total)}`,
    };
  }

  // Makes one cell the pointed one and shows its card; null takes both away.
  point(cell) {
    if (cell === this.active) return;
    this.active?.classList.remove("active");
    this.active = cell;
    if (!cell) return this.card.hide();
    cell.classList.add("active");
    const place = Number(cell.dataset.place);
    const { percentiles, ramp, rows, base } = this.data;
    const [words, address] = [this.words(place), `${base}/photo/${rows[place]}`];
    this.card.show(cell, { words, share: percentiles[place] / 100, ramp, address });
  }

  press(event, cell) {
    if (event.key === "Escape") return this.point(null);
    if (!cell) return;
    const here = Number(cell.dataset.place);
    const there = here + this.steps(here)[event.key];
    if (Number.isNaN(there)) return;
    event.preventDefault();
    event.stopPropagation(); // arrow keys step from photo to photo in a dialog
    if (there >= 0 && there < this.data.rows.length) this.go(there);
  }

  // How many places each key goes on from a place.
  steps(here) {
    const { columns } = this;
    const arrows = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    return { ...arrows, Home: -here, End: this.data.rows.length - 1 - here };
  }

  choose(cell) {
    this.point(null);
    this.page.setTriggerValue("clicked", Number(cell.dataset.row));
    this.returnTo(cell);
  }
}

// Where a sheet drawn 104 % large has to lie for cell `index` of `count` to be in the middle.
const share = (index, count) => `${(100 * ((index + 0.5) * 1.04 - 0.5)) / (1.04 * count - 1)}%`;

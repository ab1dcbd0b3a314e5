// A grid of selfies as a Streamlit component (v2): real buttons, each showing its cut of
// one sheet, so that 240 photos cost one request and still reflow to any width.

export const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
};

export class SelfieGrid {
  constructor(parent) {
    this.gone = new AbortController();
    this.starred = new Set();
    this.cells = make("div", "cells");
    this.card = this.makeCard();
    this.root = make("div", "root", this.cells, this.card);
    parent.append(this.root);
    const on = (target, event, handler, options = {}) =>
      target.addEventListener(event, handler, { signal: this.gone.signal, ...options });
    const cellOf = (event) => event.target.closest(".cell");
    // A finger has no hover: its tap opens at once.
    on(this.cells, "pointerover", (e) => e.pointerType !== "touch" && this.point(cellOf(e)));
    on(this.cells, "pointerleave", () => this.point(null));
    on(this.cells, "focusin", (e) => e.target.matches(":focus-visible") && this.point(cellOf(e)));
    on(this.cells, "focusout", () => this.point(null));
    on(this.cells, "keydown", (e) => this.walk(e));
    on(this.cells, "click", (e) => this.choose(cellOf(e)));
    on(window, "scroll", () => this.active && this.placeCard(), { capture: true, passive: true });
    // A grid far below the fold fetches its sheet when it comes near.
    this.near = new Promise((resolve) => {
      this.watch = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && resolve(), {
        rootMargin: "600px",
      });
      this.watch.observe(this.root);
    });
  }

  leave() {
    this.gone.abort();
    this.watch.disconnect();
    clearInterval(this.waiting);
    this.root.remove();
  }

  // Draw what `data` asks for; the old pictures stay until the new sheet has arrived.
  async show(data) {
    this.root.style.setProperty("--columns", data.columns);
    this.root.style.setProperty("--smallest", `${data.smallest}px`);
    this.markStars(data);
    const wanted = JSON.stringify([data.sheet, data.rows, data.captions, data.spreads]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (!this.data) this.fill(data);
    await this.near;
    this.root.toggleAttribute("data-loading", !("ready" in this.root.dataset));
    const sheet = new Image();
    sheet.src = data.sheet;
    const arrived = await sheet.decode().then(() => true, () => false);
    if (wanted !== this.wanted || this.gone.signal.aborted) return;
    this.root.removeAttribute("data-loading");
    if (!arrived) return this.fail();
    if (this.data !== data) this.fill(data);
    this.root.style.setProperty("--sheet", `url("${data.sheet}")`);
    requestAnimationFrame(() => (this.root.dataset.ready = ""));
  }

  fail() {
    this.wanted = this.data = null;
    this.cells.replaceChildren();
    this.root.querySelector(".failed")?.remove();
    this.root.append(make("p", "failed", "These photos did not arrive. Reload the page to try again."));
  }

  fill(data) {
    this.data = data;
    this.point(null);
    this.root.querySelectorAll(".side, .failed").forEach((old) => old.remove());
    const lines = Math.ceil(data.rows.length / data.sheetColumns);
    this.root.style.setProperty("--sheet-columns", data.sheetColumns);
    this.root.style.setProperty("--sheet-lines", lines);
    this.root.style.setProperty("--lift", data.captions ? 1.03 : 1.14);
    this.root.toggleAttribute("data-blur", data.blur);
    this.root.toggleAttribute("data-captions", Boolean(data.captions));
    this.root.toggleAttribute("data-ends", data.ends);
    if (data.ends) this.root.prepend(this.makeSide(data.ramp));
    this.cells.setAttribute("role", "group");
    this.cells.setAttribute("aria-label", `${data.rows.length} selfies; arrow keys move`);
    this.buttons = data.rows.map((_, place) => this.makeCell(place));
    this.cells.replaceChildren(...this.buttons.map((cell, place) => this.makeItem(cell, place)));
  }

  // A cell, and below it, outside of the button, whom the photo is owed to.
  makeItem(cell, place) {
    const credit = this.data.credits?.[place];
    if (!credit) return cell;
    const link = (text, address) => {
      if (!address) return text;
      const anchor = make("a", "", text);
      Object.assign(anchor, { href: address, target: "_blank", rel: "noopener" });
      return anchor;
    };
    const words = [link(credit.author || "Photo", credit.page), ", ", link(credit.licence, credit.licence_url)];
    return make("div", "item", cell, make("div", "credit", ...words));
  }

  markStars({ starred, pick }) {
    this.stars = starred !== null;
    this.pick = pick;
    this.starred = new Set(starred ?? []);
    this.root.toggleAttribute("data-pick", Boolean(pick));
    this.cells.querySelectorAll(".cell").forEach((cell) => this.markStar(cell));
  }

  markStar(cell) {
    const starred = this.starred.has(Number(cell.dataset.row));
    cell.toggleAttribute("data-star", starred);
    if (this.stars) cell.setAttribute("aria-pressed", starred);
  }

  // The mark changes at once; the server's answer confirms it.
  toggleStar(cell) {
    const row = Number(cell.dataset.row);
    if (!this.starred.delete(row)) this.starred.add(row);
    this.markStar(cell);
    this.star(row);
  }

  makeSide(ramp) {
    const bar = document.createElement("i");
    bar.style.setProperty("--ramp", `linear-gradient(${[...ramp].reverse().join(",")})`);
    const side = make("div", "side", make("span", "", "best"), bar, make("span", "", "worst"));
    side.setAttribute("aria-hidden", "true");
    return side;
  }

  // Where in the sheet a photo is: column of columns, line of lines.
  spot(place) {
    const { rows, sheetColumns } = this.data;
    const lines = Math.ceil(rows.length / sheetColumns);
    return [place % sheetColumns, sheetColumns, Math.floor(place / sheetColumns), lines];
  }

  makeCell(place) {
    const { data } = this;
    const cut = make("span", "cut");
    const [column, columns, line, lines] = this.spot(place);
    cut.style.setProperty("--x", share(column, columns));
    cut.style.setProperty("--y", share(line, lines));
    const cell = make("button", "cell", cut);
    cell.type = "button";
    cell.tabIndex = place === 0 ? 0 : -1;
    cell.dataset.place = place;
    cell.dataset.row = data.rows[place];
    cell.dataset.rank = data.ranks[place];
    const { name, score, rank, better } = this.words(place);
    cell.setAttribute("aria-label", [name, rank, score, better].filter(Boolean).join(", "));
    if (name) cell.append(make("span", "caption", make("b", "", name), make("span", "", score)));
    if (data.spreads) cell.append(this.makeSpread(data.spreads[place]));
    this.markStar(cell);
    return cell;
  }

  // From the worst to the best photo of a name, on a line from 0 to 100 %; a dot is the mean.
  makeSpread([worst, mean, best, count]) {
    const range = document.createElement("i");
    const dot = document.createElement("b");
    Object.assign(range.style, { left: `${100 * worst}%`, width: `${100 * (best - worst)}%` });
    dot.style.left = `${100 * mean}%`;
    const line = make("span", "spread", ...(count > 1 ? [range, dot] : [dot]));
    line.setAttribute("aria-hidden", "true");
    return line;
  }

  words(place) {
    const { ranks, scores, percentiles, captions, total, notes } = this.data;
    return {
      name: captions?.[place],
      score: `${(100 * scores[place]).toFixed(1)} %`,
      rank: `rank ${ranks[place].toLocaleString("en")}`,
      better: notes?.[place] ?? `scores above ${Math.floor(percentiles[place])} % of ${total.toLocaleString("en")}`,
    };
  }

  makeCard() {
    const part = (name) => (this[name] = make("div", name));
    this.cut = make("div", "cut");
    this.bar = document.createElement("i");
    const meter = make("div", "meter", this.bar);
    const facts = [part("name"), part("score"), part("rank"), meter, part("better")];
    const card = make("div", "card", this.cut, make("div", "facts", ...facts));
    card.setAttribute("aria-hidden", "true"); // the button's label says the same
    card.popover = "manual"; // the top layer: no container can clip it
    return card;
  }

  // Make one cell the pointed one and show its card; null takes both away.
  point(cell) {
    if (cell === this.active) return;
    this.active?.classList.remove("active");
    this.active = cell;
    clearTimeout(this.soon);
    if (!cell) return this.card.hidePopover();
    cell.classList.add("active");
    this.fillCard(Number(cell.dataset.place), cell.querySelector(".cut"));
    if (!this.card.matches(":popover-open")) this.card.showPopover();
    this.placeCard();
  }

  // The card shows the cut of the sheet at once and the larger photo as soon as it is there.
  fillCard(place, cut) {
    for (const [part, text] of Object.entries(this.words(place))) this[part].textContent = text ?? "";
    const { percentiles, ramp, rows, base } = this.data;
    const share = percentiles[place] / 100;
    this.bar.style.width = `${100 * share}%`;
    this.bar.style.background = ramp[Math.min(ramp.length - 1, Math.floor(share * ramp.length))];
    for (const axis of ["--x", "--y", "--sheet", "--sheet-columns", "--sheet-lines"]) this.cut.style.setProperty(axis, cut.style.getPropertyValue(axis));
    const photo = make("img", "");
    photo.alt = "";
    photo.onload = () => photo.classList.add("loaded");
    this.cut.replaceChildren(photo);
    this.card.classList.toggle("plain", cut.offsetWidth > 110);
    // A pointer that only crosses a cell fetches nothing.
    this.soon = setTimeout(() => (photo.src = `${base}/photo/${rows[place]}`), 60);
  }

  // Beside the cell where there is room, else above or below; always inside the window.
  placeCard() {
    const cell = this.active.querySelector(".cut").getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const [space, rim] = [14, 8];
    const inside = (value, size, room) => Math.max(rim, Math.min(value, room - size - rim));
    let left = cell.right + space;
    let top = cell.top + (cell.height - height) / 2;
    if (left + width + rim > innerWidth) left = cell.left - width - space;
    if (left < rim) {
      left = cell.left + (cell.width - width) / 2;
      top = cell.top - height - space;
      if (top < rim) top = cell.bottom + space;
    }
    left = inside(left, width, innerWidth);
    top = inside(top, height, innerHeight);
    this.card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  walk(event) {
    const cell = event.target.closest(".cell");
    if (event.key === "Escape") return this.point(null);
    if (!cell) return;
    if (event.key === "s" && this.stars) return this.toggleStar(cell);
    const columns = getComputedStyle(this.cells).gridTemplateColumns.split(" ").length;
    const here = Number(cell.dataset.place);
    const last = this.buttons.length - 1;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const there = { Home: 0, End: last }[event.key] ?? here + (steps[event.key] ?? 0);
    if (!(event.key in steps) && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    if (there < 0 || there > last) return;
    cell.tabIndex = -1;
    this.buttons[there].tabIndex = 0;
    this.buttons[there].focus();
  }

  choose(cell) {
    if (!cell) return;
    if (this.pick) return this.toggleStar(cell);
    this.point(null);
    this.open(Number(cell.dataset.row));
    if (!dialog()) this.returnTo(cell);
  }

  // A closing dialog can't give the focus back into a shadow root, so the grid takes it.
  returnTo(cell) {
    let opened = false;
    clearInterval(this.waiting);
    this.waiting = setInterval(() => {
      if (!cell.isConnected || (opened && !dialog())) clearInterval(this.waiting);
      if (opened && !dialog()) cell.focus({ preventScroll: true });
      opened ||= Boolean(dialog());
    }, 150);
  }
}

const dialog = () => document.querySelector("[role=dialog]");

// Where a sheet drawn 104 % large has to lie for cell `index` of `count` to be in the middle.
const share = (index, count) => `${(100 * ((index + 0.5) * 1.04 - 0.5)) / (1.04 * count - 1)}%`;

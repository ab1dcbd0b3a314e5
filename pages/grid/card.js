import { clamp, make } from "../shared/dom.js";

const REST = 60; // ms on one cell before its larger photo is fetched: a sweep fetches nothing
const LARGE_CELL = 110; // pixels of a cell whose card needs no larger photo

// What is said of the photo pointed at, in the top layer, where no container can clip it.
export class Card {
  constructor() {
    const part = (name) => (this[name] = make("div", name));
    this.cut = make("div", "cut");
    this.bar = make("i");
    const meter = make("div", "meter", this.bar);
    const facts = [part("name"), part("score"), part("rank"), meter, part("better")];
    const parts = [this.cut, make("div", "facts", ...facts)];
    // Hidden from readers of the screen: the cell's label says the same.
    this.root = make("div", "card", { ariaHidden: "true", popover: "manual" }, ...parts);
  }

  // Shows the cut of the sheet at once, and the photo at an address as soon as it is there.
  // `words` are texts by part; `share` is of all photos those that score lower.
  show(cell, { words, share, ramp, address }) {
    const cut = cell.querySelector(".cut");
    for (const [part, text] of Object.entries(words)) this[part].textContent = text ?? "";
    this.bar.style.width = `${100 * share}%`;
    this.bar.style.background = ramp[Math.min(ramp.length - 1, Math.floor(share * ramp.length))];
    this.cut.style = cut.getAttribute("style"); // its place on the sheet
    const photo = make("img", "", { alt: "", onload: () => photo.classList.add("loaded") });
    this.cut.replaceChildren(photo);
    this.root.classList.toggle("plain", cut.offsetWidth > LARGE_CELL);
    clearTimeout(this.soon);
    this.soon = setTimeout(() => (photo.src = address), REST);
    if (!this.root.matches(":popover-open")) this.root.showPopover();
    this.place(cut);
  }

  hide() {
    clearTimeout(this.soon);
    this.root.hidePopover();
  }

  // Beside the cell where there is room, else above or below; always inside the window.
  place(cut) {
    const cell = cut.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const [space, rim] = [14, 8];
    let left = cell.right + space;
    let top = cell.top + (cell.height - height) / 2;
    if (left + width + rim > innerWidth) left = cell.left - width - space;
    if (left < rim) {
      left = cell.left + (cell.width - width) / 2;
      top = cell.top - height - space;
      if (top < rim) top = cell.bottom + space;
    }
    left = clamp(left, rim, Math.max(rim, innerWidth - width - rim));
    top = clamp(top, rim, Math.max(rim, innerHeight - height - rim));
    this.root.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}

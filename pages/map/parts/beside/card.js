import { clamp, make } from "../../../shared/dom.js";

const REST = 25; // ms on one selfie before its picture is fetched: a sweep fetches nothing

// What is said of the selfie pointed at.
export class Card {
  constructor(pictures, server) {
    Object.assign(this, { pictures, server });
    this.photo = make("div", "photo");
    const part = (name) => (this[name] = make("div", name));
    this.bar = make("i");
    const meter = make("div", "meter", this.bar);
    const facts = make("div", "facts", part("score"), meter, part("better"), part("own"), part("telling"), part("hint"));
    // Hidden from readers of the screen: the map says the same by itself.
    this.root = make("div", "card", { ariaHidden: "true" }, this.photo, facts);
    this.row = -1;
  }

  // Shows a row: its small picture at once, the larger one and what tells when they are there.
  fill({ row, score, better, own, share, colour }) {
    const { pictures } = this;
    for (const [name, text] of Object.entries({ score, better, own })) this[name].textContent = text;
    this.bar.style.width = `${100 * share}%`;
    this.bar.style.background = colour;
    this.root.classList.add("shown");
    if (row === this.row) return;
    this.row = row;
    this.root.dataset.row = row;
    this.photo.replaceChildren(...placeholder(pictures.find(row, 128) ?? pictures.blurred(row)));
    // Three lines are kept free, so that the card does not grow under the eye.
    this.telling.replaceChildren(...[0, 1, 2].map(() => make("div", "push", "\u00a0")));
    clearTimeout(this.soon);
    const begin = () => {
      this.fetch(`${this.server.base}/thumb/${row}`);
      this.tell(row);
      pictures.fetchAround(row);
    };
    if (pictures.shelves.thumb.has(row)) return begin(); // in the browser's cache
    this.soon = setTimeout(begin, REST);
  }

  async fetch(address) {
    const { row } = this;
    const image = make("img", "", { width: 128, height: 128, alt: "", src: address });
    await image.decode().catch(() => {});
    if (row === this.row && image.naturalWidth) this.photo.append(image);
  }

  async tell(row) {
    const { factors } = await this.server.about(row).catch(() => ({ factors: [] }));
    if (row === this.row) this.telling.replaceChildren(...factors.map(sayFactor));
  }

  clear() {
    clearTimeout(this.soon);
    this.row = -1;
    this.root.classList.remove("shown");
    this.photo.replaceChildren();
  }

  // Above its point if there is room, else beside it; never outside the frame, never under a finger.
  place(x, y, half) {
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const { clientWidth: frameWidth, clientHeight: frameHeight } = this.root.parentElement;
    const [space, rim] = [10, 8];
    let left = x - width / 2;
    let top = y - half - space - height;
    if (top < rim) {
      top = y - height / 2;
      left = x + half + space;
      if (left + width + rim > frameWidth) left = x - half - space - width;
    }
    left = clamp(left, rim, Math.max(rim, frameWidth - width - rim));
    top = clamp(top, rim, Math.max(rim, frameHeight - height - rim));
    this.root.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}

// A factor with the way the score goes with it: up, down, or hardly either.
export function sayFactor({ title, value, push }) {
  const [way, arrow, name, words] = Math.abs(push) < 0.05
    ? ["even", "•", "no matter", "the score hardly follows it"]
    : push > 0
      ? ["up", "▲", "higher scores", "such photos score higher here"]
      : ["down", "▼", "lower scores", "such photos score lower here"];
  const parts = [make("i", way, { ariaLabel: name }, arrow), make("span", "", title), make("b", "", value)];
  return make("div", "push", { title: words }, ...parts);
}

function placeholder(picture) {
  if (!picture) return [];
  const canvas = make("canvas", "", { width: 128, height: 128 });
  const { bitmap, left, top, side } = picture;
  canvas.getContext("2d").drawImage(bitmap, left, top, side, side, 0, 0, 128, 128);
  return [canvas];
}

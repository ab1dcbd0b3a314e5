// Photos in the order of the net, which move to their places in the order of someone's taste.

import { componentOf, Component } from "../shared/component.js";
import { make, makeButton } from "../shared/dom.js";

const WAIT = 900; // milliseconds in sight before they move
const ORDERS = ["The net’s order", "Yours"];

class TasteWall extends Component {
  constructor() {
    super();
    this.buttons = ORDERS.map((name, which) => makeButton("order", () => this.arrange(which), name));
    this.cells = make("div", "cells", { role: "img" });
    this.root = make("div", "root", make("div", "orders", ...this.buttons), this.cells);
    this.sight = new IntersectionObserver(([seen]) => seen.isIntersecting && this.soonMove(), { threshold: 0.3 });
    this.sight.observe(this.cells);
  }

  leave() {
    super.leave();
    this.sight.disconnect();
    clearTimeout(this.soon);
  }

  soonMove() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.fresh && this.arrange(1), WAIT);
  }

  // `photos` are addresses in the net's order, `places` where each stands in the other one.
  show({ photos, places }) {
    const wanted = JSON.stringify([photos.length, photos[0], places]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.places = places;
    this.cells.replaceChildren(...photos.map((src) => make("img", "", { src, alt: "", loading: "lazy" })));
    this.root.style.setProperty("--count", photos.length);
    this.arrange(0);
    this.fresh = true; // they move by themselves once
    this.soonMove();
  }

  arrange(which) {
    this.fresh = false;
    this.buttons.forEach((button, place) => (button.ariaPressed = String(place === which)));
    [...this.cells.children].forEach((cell, place) => cell.style.setProperty("--at", which ? this.places[place] : place));
    this.cells.ariaLabel = `${this.places.length} photos, best first, in ${which ? "your" : "the net’s"} order`;
  }
}

export default componentOf(TasteWall);

// Two photos, one of which someone chooses: by click, tap or arrow key.  A kind says what a choice
// does (`choose`), which other keys it has (`keys`) and when nothing is asked (`over`).

import { Component } from "./component.js";
import { make, makeButton } from "./dom.js";

export const SIDES = ["left", "right"];
const ELSEWHERE = "input, textarea, [role=slider], [role=radiogroup], [role=dialog], [role=tablist]";

export class Pair extends Component {
  constructor() {
    super();
    this.said = make("p", "said", { ariaLive: "polite" });
    this.photos = SIDES.map((_, place) => this.makePhoto(place));
    this.pair = make("div", "pair", ...this.photos);
    this.on(document, "keydown", (event) => this.press(event));
  }

  makePhoto(place) {
    const parts = [make("img"), make("span", "verdict"), make("kbd", "", place ? "→" : "←")];
    return makeButton("photo", () => this.choose(place), ...parts);
  }

  get keys() {
    return { ArrowLeft: () => this.choose(0), ArrowRight: () => this.choose(1) };
  }

  // The keys belong to the pair unless someone is typing or on another control.
  press(event) {
    const act = this.keys[event.key];
    if (!act || event.altKey || event.ctrlKey || event.metaKey) return;
    const elsewhere = event.composedPath()[0].closest?.(ELSEWHERE);
    if (elsewhere || document.querySelector("[role=dialog]") || this.over) return;
    event.preventDefault();
    if (!event.repeat) act();
  }

  ask(addresses, nameOf) {
    this.photos.forEach((photo, place) => {
      Object.assign(photo, { className: "photo", disabled: false, ariaLabel: nameOf(SIDES[place]) });
      Object.assign(photo.querySelector("img"), { src: addresses[place], alt: `${SIDES[place]} photo` });
      photo.querySelector(".verdict").textContent = "";
    });
  }

  // So that the next pairs stand at once.
  prepare(addresses) {
    this.coming = addresses.map((src) => Object.assign(new Image(), { src }));
    this.coming.forEach((image) => image.decode().catch(() => {})); // it shows as broken in its turn
  }
}

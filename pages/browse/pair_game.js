// Rounds of two photos, one of which was liked more: which?  Arrow keys, a click or a tap choose.

import { Component, componentOf } from "../shared/component.js";
import { make, makeButton, percent } from "../shared/dom.js";

const SIDES = ["left", "right"];
const SHOWN = 1500; // milliseconds that an answer stands, unless a key or a click goes on

class PairGame extends Component {
  constructor() {
    super();
    this.dots = make("div", "dots", { role: "img" });
    this.said = make("p", "said", { ariaLive: "polite" });
    this.photos = SIDES.map((_, place) => this.makePhoto(place));
    this.root = make("div", "root", this.dots, make("div", "pair", ...this.photos), this.said);
    this.on(document, "keydown", (event) => this.press(event));
  }

  leave() {
    super.leave();
    clearTimeout(this.next);
  }

  makePhoto(place) {
    const parts = [make("img"), make("span", "verdict"), make("kbd", "", place ? "→" : "←")];
    return makeButton("photo", () => this.choose(place), ...parts);
  }

  show(data) {
    const wanted = JSON.stringify([data.base, data.pairs]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.data = data;
    this.answers = [];
    this.dots.replaceChildren(...data.pairs.map(() => make("i")));
    this.ask();
  }

  // The arrow keys belong to the game unless someone is typing or on another control.
  press(event) {
    const place = { ArrowLeft: 0, ArrowRight: 1 }[event.key];
    if (place === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const on = event.composedPath()[0];
    const elsewhere = on.closest?.("input, textarea, [role=slider], [role=radiogroup], [role=dialog], [role=tablist]");
    if (elsewhere || document.querySelector("[role=dialog]") || this.over) return;
    event.preventDefault();
    if (!event.repeat) this.choose(place);
  }

  get over() {
    return !this.told && this.answers.length === this.data.pairs.length;
  }

  ask() {
    clearTimeout(this.next);
    this.told = false; // whether an answer stands
    if (this.over) return this.end();
    const round = this.answers.length;
    this.root.removeAttribute("data-told");
    this.root.removeAttribute("data-over");
    this.photos.forEach((photo, place) => {
      const ariaLabel = `The ${SIDES[place]} photo was liked more`;
      Object.assign(photo, { className: "photo", disabled: false, ariaLabel });
      const src = `${this.data.base}/photo/${this.data.pairs[round].rows[place]}`;
      Object.assign(photo.querySelector("img"), { src, alt: `${SIDES[place]} photo` });
      photo.querySelector(".verdict").textContent = "";
    });
    this.mark();
    this.said.textContent = "Which one was liked more than its peers?";
    const coming = this.data.pairs[round + 1]; // so that the next round opens at once
    coming?.rows.forEach((row) => (new Image().src = `${this.data.base}/photo/${row}`));
  }

  choose(place) {
    if (this.over) return;
    if (this.told) return this.ask();
    this.told = true;
    this.answers.push(place);
    const { good, picked, scores } = this.data.pairs[this.answers.length - 1];
    this.root.setAttribute("data-told", "");
    this.photos.forEach((photo, side) => {
      photo.classList.add(side === good ? "good" : "bad");
      photo.classList.toggle("chosen", side === place);
      const label = side === good ? "good" : "bad";
      photo.querySelector(".verdict").textContent = `${label}; the net says ${percent(scores[side])}`;
    });
    const [yours, nets] = [place === good, picked === good];
    const net = nets === yours ? "So was the net." : nets ? "The net was right." : "The net was wrong.";
    this.said.textContent = `${yours ? "Right." : "Wrong."} ${net}`;
    this.mark();
    this.next = setTimeout(() => this.ask(), SHOWN);
  }

  mark() {
    [...this.dots.children].forEach((dot, round) => {
      const answer = this.answers[round];
      const right = answer === this.data.pairs[round].good;
      dot.className = answer === undefined ? (round === this.answers.length ? "now" : "") : right ? "right" : "wrong";
    });
    const count = this.data.pairs.length;
    this.dots.ariaLabel = `round ${Math.min(this.answers.length + 1, count)} of ${count}`;
  }

  end() {
    this.root.setAttribute("data-over", "");
    this.photos.forEach((photo) => (photo.disabled = true));
    this.mark();
    this.page.setStateValue("answers", this.answers);
  }
}

export default componentOf(PairGame);

// Rounds of two photos, one of which was liked more: which?

import { componentOf } from "../shared/component.js";
import { make, percent } from "../shared/dom.js";
import { Pair } from "../shared/pair.js";

const SHOWN = 1500; // milliseconds that an answer stands, unless a key or a click goes on

class PairGame extends Pair {
  constructor() {
    super();
    this.dots = make("div", "dots", { role: "img" });
    this.root = make("div", "root", this.dots, this.pair, this.said);
  }

  leave() {
    super.leave();
    clearTimeout(this.next);
  }

  show(data) {
    const wanted = JSON.stringify([data.base, data.pairs]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.data = data;
    this.answers = [];
    this.dots.replaceChildren(...data.pairs.map(() => make("i")));
    this.askNext();
  }

  get over() {
    return !this.told && this.answers.length === this.data.pairs.length;
  }

  addresses(round) {
    return this.data.pairs[round]?.rows.map((row) => `${this.data.base}/photo/${row}`) ?? [];
  }

  askNext() {
    clearTimeout(this.next);
    this.told = false; // whether an answer stands
    if (this.over) return this.end();
    const round = this.answers.length;
    this.root.removeAttribute("data-told");
    this.root.removeAttribute("data-over");
    this.ask(this.addresses(round), (side) => `The ${side} photo was liked more`);
    this.mark();
    this.said.textContent = "Which one was liked more than its peers?";
    this.prepare(this.addresses(round + 1));
  }

  choose(place) {
    if (this.over) return;
    if (this.told) return this.askNext();
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
    this.next = setTimeout(() => this.askNext(), SHOWN);
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

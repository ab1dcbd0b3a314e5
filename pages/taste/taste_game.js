// Which of two photos do you prefer?  All pairs of a round are here, and the next ones are loaded
// before they are asked, so that a tap shows them at once; answers go to the page now and then.

import { componentOf } from "../shared/component.js";
import { make, makeButton } from "../shared/dom.js";
import { Pair } from "../shared/pair.js";

const CANNOT_SAY = 2; // beside 0 for left and 1 for right
const EVERY = 5; // answers between two reports to the page
const AHEAD = 3; // pairs loaded before their turn

// Choices between photos that a visit alone has are kept as long as it.
const placeFor = (kept) => (kept ? localStorage : sessionStorage);

class TasteGame extends Pair {
  constructor() {
    super();
    this.bar = make("div", "bar", { role: "progressbar", ariaValueMin: "0" }, make("b"));
    const key = (text) => make("kbd", "", text);
    this.undo = makeButton("small", () => this.takeBack(), "Undo ", key("↑"));
    this.pass = makeButton("small", () => this.choose(CANNOT_SAY), "Can’t say ", key("↓"));
    this.more = makeButton("small more", () => this.goOn());
    const below = make("div", "below", this.undo, this.said, this.pass);
    this.root = make("div", "root taste", this.bar, this.pair, below, this.more);
  }

  get keys() {
    const undo = () => this.takeBack();
    return { ...super.keys, ArrowDown: () => this.choose(CANNOT_SAY), ArrowUp: undo, Backspace: undo };
  }

  get over() {
    return this.answers.length >= this.goal;
  }

  show(data) {
    if (data.key === this.key) return;
    Object.assign(this, { key: data.key, data, answers: this.recall(data) });
    const { round, pairs } = data;
    this.goal = Math.min(Math.max(1, Math.ceil(this.answers.length / round)) * round, pairs.length);
    this.askNext();
    if (this.answers.length) this.report();
  }

  // A page that was left half way goes on where it was.
  recall({ key, kept, pairs }) {
    try {
      const found = JSON.parse(placeFor(kept).getItem(`taste ${key}`)) ?? [];
      return found.filter((answer) => [0, 1, CANNOT_SAY].includes(answer)).slice(0, pairs.length);
    } catch {
      return []; // this browser keeps nothing
    }
  }

  report() {
    this.page.setStateValue("answers", this.answers);
  }

  keep() {
    try {
      placeFor(this.data.kept).setItem(`taste ${this.key}`, JSON.stringify(this.answers));
    } catch {
      // This browser keeps nothing; the round goes on all the same.
    }
  }

  addresses(round) {
    return this.data.pairs[round]?.map((row) => this.data.photos[row]) ?? [];
  }

  choose(answer) {
    if (this.over) return;
    this.answers = [...this.answers, answer];
    this.keep();
    if (this.over || this.answers.length % EVERY === 0) this.report();
    this.askNext();
  }

  takeBack() {
    if (!this.answers.length) return;
    this.answers = this.answers.slice(0, -1);
    this.keep();
    this.askNext();
  }

  goOn() {
    this.goal = Math.min(this.goal + this.data.round, this.data.pairs.length);
    this.askNext();
  }

  askNext() {
    const done = this.answers.length;
    this.root.toggleAttribute("data-over", this.over);
    const start = this.goal - Math.min(this.data.round, this.goal);
    this.bar.firstChild.style.width = `${(100 * (done - start)) / (this.goal - start)}%`;
    Object.assign(this.bar, { ariaValueNow: done, ariaValueMax: this.goal, ariaLabel: "Pairs answered" });
    this.undo.disabled = !done;
    this.said.textContent = this.words(done);
    const left = this.data.pairs.length - this.goal;
    this.more.hidden = !this.over || !left;
    this.more.textContent = `${Math.min(left, this.data.round)} more make it surer`;
    if (this.over) return;
    this.ask(this.addresses(done), (side) => `I prefer the ${side} photo`);
    const next = Array.from({ length: AHEAD }, (_, n) => this.addresses(done + 1 + n));
    this.prepare(next.flat());
  }

  words(done) {
    if (this.over) return `${done} pairs: what you like stands below`;
    if (!done) return `After ${this.goal} pairs you see what you like`;
    const left = this.goal - done;
    return left > 5 ? `${done} of ${this.goal}` : `${left} more, and you see what you like`;
  }
}

export default componentOf(TasteGame);

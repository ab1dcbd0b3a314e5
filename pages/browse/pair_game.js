// Rounds of two photos, one of which was liked more: which?  Arrow keys, a click or a tap choose.

export default function ({ data, parentElement, setStateValue }) {
  const game = (parentElement.pairGame ??= new PairGame(parentElement));
  game.finish = (answers) => setStateValue("answers", answers);
  game.show(data);
  return () => {
    game.leave();
    delete parentElement.pairGame;
  };
}

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
};
const SIDES = ["left", "right"];
const SHOWN = 1500; // milliseconds that an answer stands, unless a key or a click goes on

class PairGame {
  constructor(parent) {
    this.gone = new AbortController();
    this.dots = make("div", "dots");
    this.said = make("p", "said");
    this.said.setAttribute("aria-live", "polite");
    this.photos = SIDES.map((side, place) => this.makePhoto(side, place));
    this.root = make("div", "root", this.dots, make("div", "pair", ...this.photos), this.said);
    parent.append(this.root);
    const { signal } = this.gone;
    document.addEventListener("keydown", (event) => this.press(event), { signal });
  }

  leave() {
    this.gone.abort();
    clearTimeout(this.next);
    this.root.remove();
  }

  makePhoto(side, place) {
    const photo = make("button", "photo", make("img", ""), make("span", "verdict"), make("kbd", "", place ? "→" : "←"));
    photo.type = "button";
    photo.addEventListener("click", () => this.choose(place));
    return photo;
  }

  show(data) {
    const wanted = JSON.stringify([data.base, data.pairs]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.data = data;
    this.answers = [];
    this.dots.replaceChildren(...data.pairs.map(() => make("i", "")));
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
    return this.answers.length === this.data.pairs.length && !this.next;
  }

  ask() {
    clearTimeout(this.next);
    this.next = null;
    const round = this.answers.length;
    if (round === this.data.pairs.length) return this.end();
    this.asked = true;
    this.root.removeAttribute("data-told");
    this.root.removeAttribute("data-over");
    this.photos.forEach((photo, place) => {
      photo.className = "photo";
      photo.disabled = false;
      const image = photo.querySelector("img");
      image.src = `${this.data.base}/photo/${this.data.pairs[round].rows[place]}`;
      image.alt = `${SIDES[place]} photo`;
      photo.setAttribute("aria-label", `The ${SIDES[place]} photo was liked more`);
      photo.querySelector(".verdict").textContent = "";
    });
    this.mark();
    this.said.textContent = "Which one was liked more than its peers?";
    const coming = this.data.pairs[round + 1]; // so that the next round opens at once
    coming?.rows.forEach((row) => (new Image().src = `${this.data.base}/photo/${row}`));
  }

  choose(place) {
    if (this.over) return;
    if (!this.asked) return this.ask();
    this.asked = false;
    this.answers.push(place);
    const { good, picked, scores } = this.data.pairs[this.answers.length - 1];
    this.root.setAttribute("data-told", "");
    this.photos.forEach((photo, side) => {
      photo.classList.add(side === good ? "good" : "bad");
      photo.classList.toggle("chosen", side === place);
      const label = side === good ? "good" : "bad";
      photo.querySelector(".verdict").textContent = `${label}; the net says ${(100 * scores[side]).toFixed(1)} %`;
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
    this.dots.setAttribute("role", "img");
    this.dots.setAttribute("aria-label", `round ${Math.min(this.answers.length + 1, this.data.pairs.length)} of ${this.data.pairs.length}`);
  }

  end() {
    this.root.setAttribute("data-over", "");
    this.photos.forEach((photo) => (photo.disabled = true));
    this.mark();
    this.said.textContent = "";
    this.finish(this.answers);
  }
}

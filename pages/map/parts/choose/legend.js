import { counted, icon, make, makeNamedButton } from "../../../shared/dom.js";
import { nameValue, shades } from "../draw/colours.js";

const CROSS = "M6 6l8 8M14 6l-8 8";

// Says what the colours mean, and filters by them: a range of a scale, or some of the names.
// A filter is null or a test of a value; `text` is the same for the address bar.
export class Legend {
  constructor(changed) {
    this.changed = changed;
    this.title = make("b");
    this.shown = make("span", "shown-count");
    this.clear = makeNamedButton("clear", "Show all again", () => this.reset(), icon(CROSS));
    this.fold = makeNamedButton("fold", "Fold the legend", () => this.toggle(), this.title);
    this.body = make("div", "legend-body");
    this.note = make("div", "legend-note");
    const head = make("div", "legend-head", this.fold, this.shown, this.clear);
    this.root = make("div", "legend", head, this.body, this.note);
    // On a phone it begins folded to its title: photos want the room.
    this.toggle(matchMedia("(max-width: 640px)").matches);
  }

  toggle(folded = !this.root.classList.contains("folded")) {
    this.root.classList.toggle("folded", folded);
    this.fold.ariaExpanded = !folded;
  }

  show(colour, text = "") {
    this.colour = colour;
    this.title.textContent = colour.title;
    this.chosen = new Set(); // codes, NaN for missing; empty for all
    this.thumbs = null; // of a scale
    if (colour.names) this.showChips(text);
    else this.showScale(text);
  }

  count(shown, all) {
    const some = shown < all;
    this.shown.textContent = some ? `${counted(shown)} of ${counted(all)} shown` : `${counted(all)} shown`;
    this.clear.hidden = !this.filter;
  }

  get filter() {
    const { range } = this;
    if (range) {
      // The outermost bars also hold what lies beyond them.
      const from = range[0] > this.colour.low ? range[0] : -Infinity;
      const to = range[1] < this.colour.high ? range[1] : Infinity;
      return (value) => value >= from && value <= to;
    }
    if (!this.chosen.size) return null;
    return (value) => this.chosen.has(value); // a Set finds NaN too
  }

  get text() {
    const { range } = this;
    return range ? range.map((value) => value.toPrecision(4)).join("~") : [...this.chosen].join("~");
  }

  // The two ends of the part of a scale that is shown; null for all of it, or for names.
  get range() {
    const steps = this.thumbs?.map((thumb) => thumb.valueAsNumber);
    return !steps || (steps[0] === 0 && steps[1] === 100) ? null : steps.map((step) => this.valueAt(step));
  }

  reset() {
    this.show(this.colour);
    this.changed();
  }

  // ---- names

  showChips(text) {
    const { chips, missing, someMissing } = this.colour;
    const all = someMissing ? [...chips, { name: missing, colour: "var(--missing)", codes: [NaN] }] : chips;
    if (text) text.split("~").map(Number).forEach((code) => this.chosen.add(code));
    this.buttons = all.map((chip) => [chip, this.makeChip(chip)]);
    this.body.replaceChildren(make("div", "chips", ...this.buttons.map(([, button]) => button)));
    this.press();
  }

  makeChip({ name, colour, count, codes }) {
    const spot = make("i", "", { style: `background:${colour}` });
    const number = make("span", "number", count === undefined ? "" : counted(count));
    return makeNamedButton("chip", `Show only: ${name}`, () => this.choose(codes), spot, name, number);
  }

  choose(codes) {
    const on = codes.every((code) => this.chosen.has(code));
    for (const code of codes) on ? this.chosen.delete(code) : this.chosen.add(code);
    this.press();
    this.changed();
  }

  press() {
    for (const [{ codes }, button] of this.buttons) {
      button.ariaPressed = !this.chosen.size || codes.every((code) => this.chosen.has(code));
    }
  }

  // ---- a scale

  showScale(text) {
    const { low, high, bars, ramp } = this.colour;
    const most = Math.max(...bars, 1);
    const colours = shades(ramp, bars.length);
    this.bars = bars.map((count, place) => {
      const height = count ? Math.max(6, 100 * Math.sqrt(count / most)) : 0;
      return make("i", "", { style: `height:${height}%;background:${colours[place]}` });
    });
    this.ends = [make("span"), make("span")];
    this.thumbs = [this.makeThumb("From", 0), this.makeThumb("To", 1)];
    const range = text.split("~").map(Number);
    const known = text && range.length === 2 && range.every(Number.isFinite);
    const stepOf = (value) => Math.round((100 * (value - low)) / (high - low || 1));
    const steps = known ? range.map(stepOf) : [0, 100];
    steps.forEach((step, place) => (this.thumbs[place].value = step));
    const missing = this.colour.someMissing ? [make("span", "absent", make("i"), this.colour.missing)] : [];
    this.body.replaceChildren(
      make("div", "histogram", ...this.bars, ...this.thumbs),
      make("div", "scale", this.ends[0], ...missing, this.ends[1]),
    );
    this.light();
  }

  makeThumb(name, place) {
    const ariaLabel = `${name}, ${this.colour.title}`;
    return make("input", "thumb", { type: "range", min: 0, max: 100, ariaLabel, oninput: () => this.drag(place) });
  }

  valueAt(step) {
    const { low, high } = this.colour;
    return low + (high - low) * (step / 100);
  }

  drag(moved) {
    const other = this.thumbs[1 - moved].valueAsNumber;
    const own = this.thumbs[moved];
    // One handle does not pass the other, and a bar at least stays between them.
    own.value = moved ? Math.max(own.valueAsNumber, other + 3) : Math.min(own.valueAsNumber, other - 3);
    this.light();
    this.changed();
  }

  light() {
    const [from, to] = this.thumbs.map((thumb) => thumb.valueAsNumber);
    this.bars.forEach((bar, place) => {
      const middle = (100 * (place + 0.5)) / this.bars.length;
      bar.classList.toggle("out", middle < from || middle > to);
    });
    [from, to].forEach((step, place) => {
      const said = nameValue(this.colour, this.valueAt(step));
      this.ends[place].textContent = said;
      this.thumbs[place].ariaValueText = said;
    });
  }
}

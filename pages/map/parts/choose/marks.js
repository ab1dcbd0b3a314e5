import { make, makeSvg } from "../../../shared/dom.js";

// Places with a name, "your photo" for one, with lines to the selfies like them; and thin lines
// from the selfie that is open to those most like it.
export class Marks {
  constructor() {
    this.lines = makeSvg("svg");
    this.root = make("div", "marks", this.lines);
    this.placed = [];
    this.rows = new Set(); // those the lines lead to
    this.link();
  }

  // Takes the marks of the page; returns whether they are others than before.
  show(marks) {
    const shown = JSON.stringify(marks);
    if (shown === this.shown) return false;
    this.shown = shown;
    this.marks = marks;
    this.build();
    return true;
  }

  // Lines from a row to others, instead of those before.
  link(from = -1, rows = []) {
    this.links = { from, rows };
    this.build();
  }

  build() {
    this.lines.replaceChildren();
    const thread = (name) => this.lines.appendChild(makeSvg("line", { class: name }));
    this.placed = (this.marks ?? []).map((mark) => {
      const photo = mark.photo ? [make("img", "", { src: mark.photo, alt: "" })] : [];
      const spot = make("div", "mark", make("i"), ...photo, make("b", "", mark.label));
      return { mark, spot, threads: mark.rows.map(() => thread("thread")) };
    });
    this.linked = this.links.rows.map((row) => [row, thread("link")]);
    this.rows = new Set([...(this.marks ?? []).flatMap((mark) => mark.rows), ...this.links.rows]);
    this.root.replaceChildren(this.lines, ...this.placed.map(({ spot }) => spot));
  }

  // The places that belong together in one view: all x, all y.
  placesOn(places) {
    const { x, y } = places;
    const alike = this.placed.flatMap(({ mark }) => mark.rows).map((row) => [x[row], y[row]]);
    const own = this.placed.map(({ mark }) => places.turn(mark.x, mark.y));
    return [0, 1].map((axis) => [...own, ...alike].map((place) => place[axis]));
  }

  // Lines end at a face's rim, so many pixels from its middle.
  place(view, rim) {
    for (const { mark, spot, threads } of this.placed) {
      const place = view.markInFrame(mark);
      spot.hidden = !place;
      threads.forEach((line, number) => (line.style.display = place && view.places.has(mark.rows[number]) ? "" : "none"));
      if (!place) continue;
      spot.style.transform = `translate(${place[0]}px, ${place[1]}px)`;
      spot.classList.toggle("left", place[0] > view.camera.width * 0.7);
      threads.forEach((line, number) => draw(line, place, view.inFrame(mark.rows[number]), rim));
    }
    if (!this.linked.length) return;
    const from = view.inFrame(this.links.from);
    for (const [row, line] of this.linked) draw(line, from, view.inFrame(row), rim);
  }
}

function draw(line, [x1, y1], [x, y], rim) {
  const share = Math.max(0, 1 - rim / (Math.hypot(x - x1, y - y1) || 1));
  const ends = { x1, y1, x2: x1 + (x - x1) * share, y2: y1 + (y - y1) * share };
  for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value.toFixed(1));
}

import { make } from "./basics.js";

const SVG = "http://www.w3.org/2000/svg";

// Places with a name, "your photo" for one, and lines from them to the selfies like them.
export class Marks {
  constructor() {
    this.root = make("div", "marks");
    this.placed = [];
    this.rows = new Set(); // those the lines lead to
  }

  // Takes the marks of the page; returns whether they are others than before.
  show(marks) {
    const shown = JSON.stringify(marks);
    if (shown === this.shown) return false;
    this.shown = shown;
    this.rows = new Set(marks.flatMap((mark) => mark.rows));
    const lines = document.createElementNS(SVG, "svg");
    this.placed = marks.map((mark) => {
      const spot = make("div", "mark", make("i"), make("b", "", mark.label));
      const threads = mark.rows.map(() => lines.appendChild(document.createElementNS(SVG, "line")));
      return { mark, spot, threads };
    });
    this.root.replaceChildren(lines, ...this.placed.map(({ spot }) => spot));
    return true;
  }

  // Places of the table that belong together in one view.
  places(x, y) {
    const marks = this.placed.map(({ mark }) => [mark.x, mark.y]);
    return [...marks, ...[...this.rows].map((row) => [x[row], y[row]])];
  }

  // `inFrame` and `rowInFrame` give pixels; lines end at the rim of a face.
  place(width, rim, inFrame, rowInFrame) {
    for (const { mark, spot, threads } of this.placed) {
      const [x, y] = inFrame(mark.x, mark.y);
      spot.style.transform = `translate(${x}px, ${y}px)`;
      spot.classList.toggle("left", x > width * 0.7);
      threads.forEach((thread, place) => draw(thread, [x, y], rowInFrame(mark.rows[place]), rim));
    }
  }
}

function draw(line, [x1, y1], [x, y], rim) {
  const share = Math.max(0, 1 - rim / (Math.hypot(x - x1, y - y1) || 1));
  const ends = { x1, y1, x2: x1 + (x - x1) * share, y2: y1 + (y - y1) * share };
  for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value);
}

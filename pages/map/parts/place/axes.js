import { counted, make } from "../../../shared/dom.js";
import { nameValue } from "../draw/colours.js";

const WORDS_APART = 74; // pixels between two values along an axis

// Values along the lower and the left rim of a scatter; they follow the view.
export class Axes {
  constructor() {
    this.across = make("div", "axis across");
    this.up = make("div", "axis up");
    this.title = make("div", "axis-title");
    this.root = make("div", "axes", this.across, this.up, this.title);
  }

  // `up` is the column of the scores: how their values read.
  show(axes, up) {
    this.axes = axes;
    this.root.hidden = !axes;
    this.drawn = "";
    if (!axes) return;
    // "yes" and "no" instead of 1 and 0.
    const yesNo = axes.steps?.every((value) => value === 0 || value === 1);
    this.columns = { across: yesNo ? { ...axes.factor, names: axes.factor.yesNo } : axes.factor, up };
    const missing = axes.missing ? ` · ${counted(axes.missing)} left out: ${axes.factor.missing}` : "";
    this.title.textContent = `${axes.factor.title} →${missing}`;
  }

  place(camera) {
    if (!this.axes) return;
    const { at, width, height } = camera;
    const view = [at.x, at.y, at.scale, width, height].join();
    if (view === this.drawn) return;
    this.drawn = view;
    const { toX, toY, across, up, steps } = this.axes;
    const along = ticks(across, (width / at.scale / (toX(across.high) - toX(across.low))) || 1, width / WORDS_APART, steps);
    const labels = (values, column, toPlace, axis) =>
      values.flatMap((value) => {
        const pixels = toPlace(value);
        const size = axis === "x" ? width : height;
        if (pixels < 30 || pixels > size - 34) return [];
        const label = make("span", "", nameValue(column, value));
        label.style[axis === "x" ? "left" : "top"] = `${pixels}px`;
        return [label];
      });
    const right = (value) => (toX(value) - at.x) * at.scale + width / 2;
    const down = (value) => (toY(value) - at.y) * at.scale + height / 2;
    const upward = ticks(up, height / at.scale || 1, height / 60);
    this.across.replaceChildren(...labels(along, this.columns.across, right, "x"));
    this.up.replaceChildren(...labels(upward, this.columns.up, down, "y"));
  }
}

// Round values over a scale: about `room` of them on the visible share of it.
function ticks({ low, high }, share, room, steps) {
  if (steps) return steps;
  const rough = ((high - low) * Math.min(1, share)) / Math.max(1, room);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = power * [1, 2, 5, 10].find((round) => round * power >= rough);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high && values.length < 200; value += step) {
    values.push(Number(value.toPrecision(12)));
  }
  return values;
}

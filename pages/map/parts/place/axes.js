import { counted, make } from "../../../shared/dom.js";
import { nameValue } from "../draw/colours.js";

const WORDS_APART = 74; // pixels between two values along the lower rim
const LINES_APART = 60; // along the left one

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
    const { toX, toY, across, up, steps } = this.axes;
    const acrossShare = width / at.scale / (toX(across.high) - toX(across.low)) || 1;
    const label = (column, value, side, pixels, size) => {
      if (pixels < 30 || pixels > size - 34) return [];
      return [make("span", "", { style: `${side}: ${pixels}px` }, nameValue(column, value))];
    };
    const along = ticks(across, acrossShare, width / WORDS_APART, steps).flatMap((value) => {
      return label(this.columns.across, value, "left", camera.toFrame(toX(value), 0)[0], width);
    });
    const upward = ticks(up, height / at.scale || 1, height / LINES_APART).flatMap((value) => {
      return label(this.columns.up, value, "top", camera.toFrame(0, toY(value))[1], height);
    });
    this.across.replaceChildren(...along);
    this.up.replaceChildren(...upward);
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

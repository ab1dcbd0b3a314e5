import { percent, standing } from "../../shared/dom.js";
import { explainColumn, nameValue, paintBy } from "./draw/colours.js";

// What the map knows of every photo: its score, and the values of the column that colours it.
export class Table {
  constructor(server, { columns, count, ramp, hasSeams }) {
    Object.assign(this, { server, columns, count, ramp, hasSeams });
    this.hue = null; // the colours, once there are some
  }

  // Fetches what every map needs, in one request.
  async load() {
    const names = ["x", "y", "score", "percentile", ...(this.hasSeams ? ["seam"] : [])];
    [, , this.score, this.percentiles, this.seam] = await this.server.columns(names);
  }

  async colourBy(column) {
    const [[values], words] = await Promise.all([
      this.server.columns([column.name]),
      column.words ? this.server.json(`words.json?column=${encodeURIComponent(column.name)}`) : null,
    ]);
    Object.assign(this, { column, values, colour: explainColumn(column, values, words, this.ramp) });
  }

  // What scores can be laid out against.
  get measured() {
    return this.columns.filter(({ name, words }) => !words && name !== "score");
  }

  // The column of a name, else the first.
  columnNamed(name, among = this.columns) {
    return among.find((column) => column.name === name) ?? among[0];
  }

  // Gives each row its colour; `has` tells which have a place, `stands` which stand out.
  paint(quiet, { has, stands }) {
    this.hue = paintBy(this.colour, this.values, quiet);
    const { steps, muted, hidden } = this.hue;
    this.plain = steps.slice();
    for (let row = 0; row < this.count; row++) {
      if (!has(row)) steps[row] = hidden;
      else if (!stands(row)) steps[row] = muted;
    }
  }

  // The colour of a row that stands out.
  colourOf(row) {
    return this.hue.palette[this.plain[row]];
  }

  facts(row) {
    const { colour } = this;
    const own = colour.name === "score" ? "" : `${colour.title}: ${nameValue(colour, this.values[row])}`;
    return {
      row,
      score: percent(this.score[row]),
      better: `scores ${standing(this.percentiles[row])}`,
      own,
      share: this.percentiles[row] / 100,
      colour: this.colourOf(row),
    };
  }
}

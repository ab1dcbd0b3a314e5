import { percent, standing } from "../../shared/dom.js";
import { explainColumn, nameValue, paintBy } from "./draw/colours.js";

const AT_ONCE = 65536; // photos that come at once; of more, first each so-many-th
const FIRST = 32768; // about so many of these: 0.3 MB
const WIDEST = 63; // the most that WebGL's strides allow
const TILE = 16384; // rows that come together: the table has neighbours of the map side by side
const NOWHERE = 65535; // instead of a place

// What the map knows of every photo: its place and score, and the values of the column that colours
// it.  A photo that is still to come has no place: until then it is as if it were not there.
export class Table {
  // `steps` are the scores from which on a photo is above 1, 2 ... 99 % of the gallery; `arrived`
  // hears that photos came, and whether all did that were asked for.
  constructor(server, { columns, count, ramp, hasSeams, steps, arrived }) {
    Object.assign(this, { server, columns, count, ramp, hasSeams, arrived });
    this.steps = Float32Array.from(steps); // as the scores are
    this.every = count <= AT_ONCE ? 1 : Math.min(WIDEST, Math.ceil(count / FIRST));
    this.tiles = new Map(); // number -> promise
    for (const name of ["x", "y", "score", ...(hasSeams ? ["seam"] : [])]) {
      this[name] = new Float32Array(count).fill(NaN);
    }
    this.hue = null; // the colours, once there are some
  }

  // Fetches what every map needs, in one request.
  load() {
    return (this.loaded ??= this.fetch(0, this.count, this.every));
  }

  // Fetches the rest as far as these rows lie in it; all of it, if none are named.
  async have(rows) {
    await this.load();
    if (this.every === 1) return;
    const all = Array.from({ length: Math.ceil(this.count / TILE) }, (_, number) => number);
    await this.take(rows ? new Set(rows.map((row) => Math.floor(row / TILE))) : all);
  }

  // Fetches the rest as far as it may lie in a part of the map.
  async haveNear([left, top, right, bottom]) {
    if (this.every === 1) return;
    this.bounds ??= this.server.json(`tiles.json?rows=${TILE}`).catch(() => (this.bounds = null));
    const meets = ([l, t, r, b]) => l <= right && r >= left && t <= bottom && b >= top;
    await this.take(((await this.bounds) ?? []).flatMap((bounds, number) => (meets(bounds) ? [number] : [])));
  }

  async take(numbers) {
    const came = await Promise.allSettled(Array.from(numbers, (number) => this.tile(number)));
    const whole = came.every(({ status }) => status === "fulfilled");
    if (whole && !this.news) return;
    this.news &&= !whole;
    this.arrived(whole);
  }

  tile(number) {
    if (!this.tiles.has(number)) {
      const first = number * TILE;
      const asked = this.fetch(first, Math.min(first + TILE, this.count), 1);
      asked.catch(() => this.tiles.delete(number)); // asked again next time
      this.tiles.set(number, asked);
    }
    return this.tiles.get(number);
  }

  async fetch(first, last, every) {
    const answer = await this.server.ask(`points.bin?first=${first}&last=${last}&every=${every}`);
    const [data, count] = [await answer.arrayBuffer(), Math.ceil((last - first) / every)];
    const scores = new Float32Array(data, 0, count);
    const [x, y] = [4, 6].map((start) => new Uint16Array(data, start * count, count));
    const seams = this.seam && new Uint8Array(data, 8 * count, count);
    const place = (value) => (value === NOWHERE ? NaN : value / (NOWHERE - 1));
    for (let at = 0, row = first; at < count; at++, row += every) {
      this.score[row] = scores[at];
      this.x[row] = place(x[at]);
      this.y[row] = place(y[at]);
      if (seams) this.seam[row] = seams[at] / 255;
    }
    this.news = true;
  }

  // How many photos are still to come.
  get missing() {
    return this.every === 1 ? 0 : this.score.reduce((sum, score) => sum + Number.isNaN(score), 0);
  }

  async colourBy(column) {
    const isScore = column.name === "score";
    const [values, words] = await Promise.all([
      isScore ? this.load().then(() => this.score) : this.server.columns([column.name]).then(([its]) => its),
      column.words ? this.server.json(`words.json?column=${encodeURIComponent(column.name)}`) : null,
    ]);
    const known = isScore ? values.filter((_, row) => row % this.every === 0) : values; // as good as all
    Object.assign(this, { column, values, colour: explainColumn(column, known, words, this.ramp) });
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
    const percentile = this.steps.filter((least) => this.score[row] >= least).length;
    const own = colour.name === "score" ? "" : `${colour.title}: ${nameValue(colour, this.values[row])}`;
    return {
      row,
      score: percent(this.score[row]),
      better: `scores ${standing(percentile)}`,
      own,
      share: percentile / 100,
      colour: this.colourOf(row),
    };
  }
}

// One photo's way through the net as a Streamlit component (v2): a strip of all layers, one of
// them large, and on the photo the square that the cell under the pointer sees.

import { Component, componentOf } from "../shared/component.js";
import { calm, clamp, make, makeButton, makeNamedButton, makeSvg } from "../shared/dom.js";

const BEAT = 2200; // ms that a layer is shown while it plays
const TALLEST = 4; // tiles of a layer in the strip
const LISTED = 8; // units of each sign beside the score
const FOR = "#ee4f7e";
const AGAINST = "#5b6bf0";

const number = (value, digits = 3) => value.toFixed(digits).replace("-", "−");
const signed = (value) => (value < 0 ? "−" : "+") + number(Math.abs(value));

class NetWalk extends Component {
  constructor() {
    super();
    this.playButton = makeButton("play", () => (this.playing ? this.stop() : this.play()));
    const ariaLabel = "Layers, in the order in which the photo passes them";
    this.strip = make("div", "strip", { role: "tablist", ariaLabel });
    this.photo = make("img", "", { alt: "The photo as the net sees it, squashed to a square" });
    this.box = make("i", "box");
    this.frame = make("div", "frame", this.photo, this.box);
    this.under = make("p", "under");
    this.title = make("h2");
    this.about = make("p", "about");
    this.body = make("div", "body");
    const side = make("div", "side", this.frame, this.under);
    const head = make("div", "head", this.title, this.playButton);
    const main = make("div", "main", { role: "tabpanel" }, head, this.about, this.body);
    this.stage = make("div", "stage", side, main);
    this.root = make("div", "root", this.strip, this.stage);
    this.on(this.root, "keydown", (event) => this.key(event));
    this.on(this.body, "click", (event) => {
      const { layer, unit } = event.target.closest("[data-unit]")?.dataset ?? {};
      if (layer) this.choose(layer, Number(unit));
    });
  }

  leave() {
    super.leave();
    this.stop();
  }

  choose(layer, unit) {
    this.page.setTriggerValue("chosen", { layer, unit });
  }

  // Draw what `data` asks for; the layer one looks at stays, unless the photo is another one.
  show(data) {
    const fresh = this.data?.key !== data.key;
    this.data = data;
    this.chosen = data.chosen;
    if (!fresh) return this.mark();
    this.stop();
    this.photo.src = data.photo;
    this.strip.replaceChildren(...data.layers.map((layer, place) => this.column(layer, place)));
    const asked = data.layers.findIndex((layer) => layer.id === (this.at ?? data.start));
    this.go(Math.max(0, asked), { still: true });
  }

  column(layer, place) {
    const tiles = {
      photo: () => [make("img", "cut", { src: this.data.photo, alt: "" })],
      maps: () => layer.channels.slice(0, TALLEST).map((_, n) => this.cut(layer, n)),
      units: () => [this.miniature()],
      score: () => [make("b", "", this.data.score)],
    }[layer.kind]();
    const look = () => {
      this.stop();
      this.go(place);
    };
    const parts = [make("span", "tiles", ...tiles), make("span", "name", layer.name)];
    return makeButton("column", look, { role: "tab" }, ...parts);
  }

  cut(layer, n) {
    const { columns } = layer;
    const lines = Math.ceil(layer.channels.length / columns);
    const at = (step, of) => `${(100 * step) / Math.max(1, of - 1)}%`;
    const cut = make("span", "cut");
    cut.style.backgroundImage = `url(${layer.sheet})`;
    cut.style.backgroundSize = `${100 * columns}% ${100 * lines}%`;
    cut.style.backgroundPosition = `${at(n % columns, columns)} ${at(Math.floor(n / columns), lines)}`;
    return cut;
  }

  // fc7 in the strip: its strongest contributions as a stack of lines.
  miniature() {
    const { contributions, order } = this.data;
    const lines = order.slice(0, 22).map((unit) => {
      const colour = contributions[unit] < 0 ? AGAINST : FOR;
      return make("i", "", { style: `width: ${this.share(unit)}%; background: ${colour}` });
    });
    return make("span", "stack", ...lines);
  }

  // What a unit contributes, in percent of the largest contribution.
  share(unit) {
    const { contributions, order } = this.data;
    return 100 * Math.abs(contributions[unit] / contributions[order[0]]);
  }

  get layer() {
    return this.data.layers[this.place];
  }

  go(place, { still = false } = {}) {
    this.place = place;
    this.at = this.layer.id;
    [...this.strip.children].forEach((column, n) => {
      column.ariaSelected = n === place;
      column.tabIndex = n === place ? 0 : -1;
      column.toggleAttribute("data-ahead", this.playing && n > place);
    });
    if (!still) this.reveal(this.strip.children[place]);
    const layer = this.layer;
    this.title.textContent = layer.title;
    this.about.textContent = layer.about;
    this.under.textContent = layer.under ?? "";
    this.box.hidden = true;
    cancelAnimationFrame(this.sweeping);
    this.body.replaceChildren();
    const draw = { photo: this.drawPhoto, maps: this.drawMaps, units: this.drawUnits, score: this.drawScore };
    draw[layer.kind].call(this, layer);
    this.mark();
    if (!still && !calm.matches && layer.kind === "maps") this.sweep(layer);
  }

  // Scroll the strip only, never the page.
  reveal(column) {
    const { offsetLeft, offsetWidth } = column;
    this.strip.scrollTo({
      left: offsetLeft - (this.strip.clientWidth - offsetWidth) / 2,
      behavior: calm.matches ? "auto" : "smooth",
    });
  }

  drawPhoto() {
    const parts = ["red", "green", "blue"].map((colour, n) =>
      make("img", "", { src: this.data.colours[n], alt: `How ${colour} it is` }),
    );
    this.body.append(make("div", "colours", ...parts));
  }

  drawMaps(layer) {
    const tiles = make("div", "maps", { style: `--tile: ${layer.side >= 32 ? 92 : 68}px` });
    layer.channels.forEach((unit, n) => {
      const style = `--n: ${n}; --cell: ${100 / layer.side}%`;
      const own = { style, dataset: { layer: layer.id, unit }, tabIndex: n === 0 ? 0 : -1 };
      const parts = [this.cut(layer, n), make("i", "cell")];
      tiles.append(makeNamedButton("tile", `channel ${unit}`, null, own, ...parts));
    });
    const under = (event) => {
      const tile = event.target.closest?.(".tile");
      if (!tile) return;
      cancelAnimationFrame(this.sweeping);
      const { left, top, width, height } = tile.getBoundingClientRect();
      const cell = (share) => clamp(Math.floor(share * layer.side), 0, layer.side - 1);
      this.point(layer, cell((event.clientY - top) / height), cell((event.clientX - left) / width));
    };
    tiles.addEventListener("pointermove", under);
    tiles.addEventListener("pointerleave", () => this.point(layer, null));
    this.body.append(tiles);
  }

  // Show one cell on every tile, and on the photo what it sees.
  point(layer, row, column) {
    const off = row === null;
    this.box.hidden = off;
    this.body.toggleAttribute("data-pointing", !off);
    if (off) return;
    this.body.style.setProperty("--cell-x", `${(100 * column) / layer.side}%`);
    this.body.style.setProperty("--cell-y", `${(100 * row) / layer.side}%`);
    const { size, step, start } = layer.field;
    const share = (value) => `${(100 * clamp(value, 0, this.data.size)) / this.data.size}%`;
    const [left, top] = [start + column * step, start + row * step];
    this.box.style.left = share(left);
    this.box.style.top = share(top);
    this.box.style.right = `calc(100% - ${share(left + size)})`;
    this.box.style.bottom = `calc(100% - ${share(top + size)})`;
  }

  // Pass over the photo once, as a convolution does.
  sweep(layer) {
    const begun = performance.now();
    const lines = Math.min(layer.side, 8);
    const took = 0.8 * BEAT;
    const frame = (now) => {
      const share = Math.min(1, (now - begun) / took) * lines;
      const line = Math.min(lines - 1, Math.floor(share));
      const row = Math.floor(((line + 0.5) * layer.side) / lines);
      const column = Math.min(layer.side - 1, Math.floor((share - line) * layer.side));
      if (now - begun >= took) return this.point(layer, null);
      this.point(layer, row, column);
      this.sweeping = requestAnimationFrame(frame);
    };
    this.sweeping = requestAnimationFrame(frame);
  }

  drawUnits() {
    const { fc7, weights, active } = this.data;
    const label = `${active} of ${fc7.length} units of fc7 are active`;
    const most = Math.max(...fc7, 1e-9);
    const bars = fc7.map((value, unit) => {
      const height = Math.max(0, value / most);
      const fill = weights[unit] < 0 ? AGAINST : FOR;
      return makeSvg("rect", { x: unit, y: 1 - height, width: 0.8, height, fill });
    });
    const frame = { viewBox: `0 0 ${fc7.length} 1`, preserveAspectRatio: "none" };
    this.bars = makeSvg("svg", { class: "bars", role: "img", "aria-label": label, ...frame }, ...bars);
    const says = make("p", "says", "\u00a0");
    const unitAt = (event) => {
      const { left, width } = this.bars.getBoundingClientRect();
      return clamp(Math.floor(((event.clientX - left) / width) * fc7.length), 0, fc7.length - 1);
    };
    this.bars.onpointermove = (event) => {
      says.textContent = this.words(unitAt(event));
      this.light(unitAt(event));
    };
    this.bars.onpointerleave = () => {
      says.textContent = "\u00a0";
      this.light();
    };
    this.bars.onclick = (event) => this.choose("fc7", unitAt(event));
    const key = make("p", "key", make("i", "for"), " raises the score", make("i", "against"), " lowers it");
    this.body.append(this.bars, says, key);
  }

  // Lights the bar of a unit pointed at, and of the one that the page below speaks of.
  light(unit = null) {
    this.bars.classList.toggle("dim", unit !== null);
    [...this.bars.children].forEach((bar, n) => bar.classList.toggle("lit", n === unit || n === this.unit));
  }

  words(unit) {
    const { fc7, weights, contributions } = this.data;
    return `unit ${unit}: activation ${number(fc7[unit], 2)} × weight ${number(weights[unit])} = ${signed(contributions[unit])}`;
  }

  drawScore() {
    const { bias, logit, temperature, score, place } = this.data;
    const [raises, up] = this.makeScale(1, "Raise the score", "for");
    const [lowers, down] = this.makeScale(-1, "Lower it", "against");
    const term = (value, name) => make("span", "term", make("b", "", value), make("small", "", name));
    const sum = make(
      "div", "sum", { role: "math" },
      term(signed(up), "raise"), term(signed(down), "lower"), term(signed(bias), "bias"), "=",
      term(number(logit), "logit"), "÷", term(number(temperature, 2), "temperature"), "→",
      term(score, place),
    );
    this.body.append(make("div", "scales", raises, lowers), sum);
  }

  // The units whose contributions have a sign, the strongest by themselves; and what all add up to.
  makeScale(sign, title, name) {
    const { contributions, order } = this.data;
    const units = order.filter((unit) => Math.sign(contributions[unit]) === sign);
    const sum = (some) => some.reduce((total, unit) => total + contributions[unit], 0);
    const value = (number) => make("b", "", signed(number));
    const lines = units.slice(0, LISTED).map((unit) => {
      const own = { title: this.words(unit), dataset: { layer: "fc7", unit } };
      const rail = make("span", "rail", make("i", "", { style: `width: ${this.share(unit)}%` }));
      const parts = [make("span", "", `unit ${unit}`), rail, value(contributions[unit])];
      return makeButton("unit", null, own, ...parts);
    });
    const rest = units.slice(LISTED);
    if (rest.length) lines.push(make("p", "rest", `and ${rest.length} more`, value(sum(rest))));
    const total = make("p", "total", "together", value(sum(units)));
    return [make("div", `scale ${name}`, make("h4", "", title), ...lines, total), sum(units)];
  }

  // Ring the unit that the page below speaks of.
  mark() {
    const { layer, unit } = this.chosen ?? {};
    this.unit = layer === "fc7" ? unit : null;
    for (const button of this.body.querySelectorAll("[data-unit]")) {
      button.ariaPressed = button.dataset.layer === layer && Number(button.dataset.unit) === unit;
    }
    if (this.bars) this.light();
  }

  play() {
    this.setPlaying(true);
    if (this.place === this.data.layers.length - 1) this.place = -1;
    const step = () => {
      if (this.place === this.data.layers.length - 1) return this.stop();
      this.go(this.place + 1);
      this.timer = setTimeout(step, BEAT);
    };
    step();
  }

  stop() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.sweeping);
    this.setPlaying(false);
    for (const column of this.strip.children) column.removeAttribute("data-ahead");
  }

  setPlaying(on) {
    this.playing = on;
    this.playButton.textContent = on ? "Pause" : "Play";
    this.playButton.toggleAttribute("data-playing", on);
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const end = { Home: 0, End: -1 }[event.key];
    if (step === undefined && end === undefined) return;
    const group = event.target.closest(".maps, .strip");
    if (!group) return;
    event.preventDefault();
    const all = [...group.children];
    const next = all.at(end ?? (all.indexOf(event.target) + step) % all.length);
    for (const other of all) other.tabIndex = other === next ? 0 : -1;
    next.focus();
    if (group === this.strip) next.click();
  }
}

export default componentOf(NetWalk);

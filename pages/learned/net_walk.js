// One photo's way through the net as a Streamlit component (v2): a strip of all layers, one of
// them large, and on the photo the square that the cell under the pointer sees.

import { componentOf } from "../shared/component.js";
import { calm, clamp, make, makeButton, makeNamedButton } from "../shared/dom.js";

const BEAT = 2200; // ms that a layer is shown while it plays
const TALLEST = 4; // tiles of a layer in the strip
const FOR = "#ee4f7e";
const AGAINST = "#5b6bf0";

const number = (value, digits = 3) => value.toFixed(digits).replace("-", "−");
const signed = (value) => (value < 0 ? "−" : "+") + number(Math.abs(value));

class NetWalk {
  constructor(parent) {
    this.gone = new AbortController();
    this.root = make("div", "root");
    parent.append(this.root);
    this.build();
    this.root.addEventListener("keydown", (e) => this.key(e), { signal: this.gone.signal });
    this.resize = new ResizeObserver(() => this.drawBars());
    this.resize.observe(this.stage);
  }

  choose(layer, unit) {
    this.page.setTriggerValue("chosen", { layer, unit });
  }

  leave() {
    this.gone.abort();
    this.resize.disconnect();
    this.stop();
    this.root.remove();
  }

  build() {
    this.playButton = makeButton("play", () => (this.playing ? this.stop() : this.play()));
    const ariaLabel = "Layers, in the order in which the photo passes them";
    this.strip = make("div", "strip", { role: "tablist", ariaLabel });
    this.photo = make("img", "", { alt: "The photo as the net sees it, squashed to a square" });
    this.box = make("i", "box");
    this.frame = make("div", "frame", this.photo, this.box);
    this.under = make("p", "under");
    this.title = make("h3");
    this.about = make("p", "about");
    this.body = make("div", "body");
    const side = make("div", "side", this.frame, this.under);
    const head = make("div", "head", this.title, this.playButton);
    const main = make("div", "main", { role: "tabpanel" }, head, this.about, this.body);
    this.stage = make("div", "stage", side, main);
    this.root.append(this.strip, this.stage);
    this.label();
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
    const tiles = make("span", "tiles");
    if (layer.kind === "maps") {
      for (let n = 0; n < Math.min(TALLEST, layer.channels.length); n++) tiles.append(this.cut(layer, n));
    } else if (layer.kind === "photo") {
      tiles.append(make("img", "cut", { src: this.data.photo, alt: "" }));
    } else if (layer.kind === "units") {
      tiles.append(this.miniature());
    } else {
      tiles.append(make("b", "", this.data.score));
    }
    const look = () => {
      this.stop();
      this.go(place);
    };
    const column = makeButton("column", look, tiles, make("span", "name", layer.name));
    column.role = "tab";
    column.dataset.kind = layer.kind;
    column.style.setProperty("--place", place);
    return column;
  }

  cut(layer, n) {
    const cut = make("span", "cut");
    const lines = Math.ceil(layer.channels.length / layer.columns);
    const at = (step, of) => (of > 1 ? `${(100 * step) / (of - 1)}%` : "0%");
    cut.style.backgroundImage = `url(${layer.sheet})`;
    cut.style.backgroundSize = `${100 * layer.columns}% ${100 * lines}%`;
    cut.style.backgroundPosition = `${at(n % layer.columns, layer.columns)} ${at(Math.floor(n / layer.columns), lines)}`;
    return cut;
  }

  // fc7 in the strip: its strongest contributions as a stack of lines.
  miniature() {
    const stack = make("span", "stack");
    const most = Math.max(...this.data.contributions.map(Math.abs), 1e-9);
    for (const unit of this.data.order.slice(0, 22)) {
      const line = make("i");
      const value = this.data.contributions[unit];
      line.style.width = `${(100 * Math.abs(value)) / most}%`;
      line.style.background = value < 0 ? AGAINST : FOR;
      stack.append(line);
    }
    return stack;
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
    this.body.dataset.kind = layer.kind;
    if (layer.kind === "photo") this.drawPhoto();
    else if (layer.kind === "maps") this.drawMaps(layer);
    else if (layer.kind === "units") this.drawUnits();
    else if (layer.kind === "score") this.drawScore();
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
    const tiles = make("div", "maps");
    tiles.style.setProperty("--tile", layer.side >= 32 ? "92px" : "68px");
    layer.channels.forEach((channel, n) => {
      const choose = () => this.choose(layer.id, channel);
      const parts = [this.cut(layer, n), make("i", "cell")];
      const tile = makeNamedButton("tile", `channel ${channel}`, choose, ...parts);
      tile.style.setProperty("--n", n);
      tile.style.setProperty("--cell", `${100 / layer.side}%`);
      tile.dataset.unit = channel;
      tile.tabIndex = n === 0 ? 0 : -1;
      tiles.append(tile);
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
    const ariaLabel = `${this.data.active} of ${this.data.fc7.length} units of fc7 are active`;
    this.bars = make("canvas", "bars", { role: "img", ariaLabel });
    const says = make("p", "says", "\u00a0");
    const unitAt = (event) => {
      const { left, width } = this.bars.getBoundingClientRect();
      const n = Math.floor(((event.clientX - left) / width) * this.data.fc7.length);
      return clamp(n, 0, this.data.fc7.length - 1);
    };
    this.bars.onpointermove = (event) => {
      const unit = unitAt(event);
      says.textContent = this.words(unit);
      this.drawBars(unit);
    };
    this.bars.onpointerleave = () => {
      says.textContent = "\u00a0";
      this.drawBars();
    };
    this.bars.onclick = (event) => this.choose("fc7", unitAt(event));
    const key = make("p", "key", make("i", "for"), " raises the score", make("i", "against"), " lowers it");
    this.body.append(this.bars, says, key);
    this.drawBars();
  }

  words(unit) {
    const { fc7, weights, contributions } = this.data;
    return `unit ${unit}: activation ${number(fc7[unit], 2)} × weight ${number(weights[unit])} = ${signed(contributions[unit])}`;
  }

  drawBars(lit = null) {
    if (!this.bars?.isConnected) return;
    const { fc7, weights } = this.data;
    const scale = devicePixelRatio;
    const [width, height] = [this.bars.clientWidth, this.bars.clientHeight];
    [this.bars.width, this.bars.height] = [width * scale, height * scale];
    const pen = this.bars.getContext("2d");
    pen.scale(scale, scale);
    const most = Math.max(...fc7, 1e-9);
    const step = width / fc7.length;
    fc7.forEach((value, unit) => {
      const tall = (value / most) * (height - 4);
      pen.globalAlpha = lit === null || lit === unit || unit === this.unit ? 1 : 0.35;
      pen.fillStyle = weights[unit] < 0 ? AGAINST : FOR;
      pen.fillRect(unit * step, height - tall, Math.max(step * 0.8, 0.6), tall);
    });
  }

  drawScore() {
    const { contributions, order, bias, logit, temperature, score, place } = this.data;
    const shown = 8;
    const side = (sign, title, name) => {
      const all = order.filter((unit) => Math.sign(contributions[unit]) === sign);
      const most = Math.abs(contributions[order[0]]) || 1;
      const list = make("div", `scale ${name}`, make("h4", "", title));
      for (const unit of all.slice(0, shown)) {
        const bar = make("i");
        bar.style.width = `${(100 * Math.abs(contributions[unit])) / most}%`;
        const words = [make("span", "", `unit ${unit}`), make("span", "rail", bar)];
        const choose = () => this.choose("fc7", unit);
        const line = makeButton("unit", choose, ...words, make("b", "", signed(contributions[unit])));
        line.dataset.unit = unit;
        line.title = this.words(unit);
        list.append(line);
      }
      const rest = all.slice(shown).reduce((sum, unit) => sum + contributions[unit], 0);
      if (all.length > shown) list.append(make("p", "rest", `and ${all.length - shown} more`, make("b", "", signed(rest))));
      const total = all.reduce((sum, unit) => sum + contributions[unit], 0);
      list.append(make("p", "total", "together", make("b", "", signed(total))));
      return [list, total];
    };
    const [raises, up] = side(1, "Raise the score", "for");
    const [lowers, down] = side(-1, "Lower it", "against");
    const term = (value, name) => make("span", "term", make("b", "", value), make("small", "", name));
    const sum = make(
      "div", "sum", { role: "math" },
      term(signed(up), "raise"), term(signed(down), "lower"), term(signed(bias), "bias"), "=",
      term(number(logit), "logit"), "÷", term(number(temperature, 2), "temperature"), "→",
      term(score, place),
    );
    this.body.append(make("div", "scales", raises, lowers), sum);
  }

  // Ring the unit that the page below speaks of.
  mark() {
    const { layer, unit } = this.chosen ?? {};
    this.unit = layer === "fc7" ? unit : null;
    for (const button of this.body.querySelectorAll("[data-unit]")) {
      const own = (button.className === "unit" ? "fc7" : this.at) === layer;
      button.ariaPressed = own && Number(button.dataset.unit) === unit;
    }
    this.drawBars();
  }

  play() {
    this.playing = true;
    if (this.place === this.data.layers.length - 1) this.place = -1;
    const step = () => {
      if (this.place === this.data.layers.length - 1) return this.stop();
      this.go(this.place + 1);
      this.timer = setTimeout(step, BEAT);
    };
    step();
    this.label();
  }

  stop() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.sweeping);
    this.playing = false;
    for (const column of this.strip.children) column.removeAttribute("data-ahead");
    this.label();
  }

  label() {
    this.playButton.textContent = this.playing ? "Pause" : "Play";
    this.playButton.toggleAttribute("data-playing", Boolean(this.playing));
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

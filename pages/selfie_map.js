// The map of selfies as a Streamlit component (v2): no library, nothing to build.
//
// Three layers: points (WebGL2, or a plain canvas where there is none), faces (a plain canvas)
// and what follows the pointer (elements: ring, card, marks).  The canvases are painted only
// when the view changes, so hovering draws nothing and asks the server for one small picture.
//
// Positions are those of the table, about 0..1, y downwards.  "Scale" is pixels for a map
// width of 1; "zoom" is scale against the whole map fitted into the frame.

import { calm, clamp, make } from "./selfie_map_parts/basics.js";
import { Camera } from "./selfie_map_parts/camera.js";
import { Card } from "./selfie_map_parts/card.js";
import { fillLegend, nameValue, paintBy } from "./selfie_map_parts/colours.js";
import { Input } from "./selfie_map_parts/input.js";
import { Marks } from "./selfie_map_parts/marks.js";
import { CELL, CORNER, Pictures } from "./selfie_map_parts/pictures.js";
import { boundsOf, Index, Thinning } from "./selfie_map_parts/places.js";
import { CanvasPoints, GlPoints } from "./selfie_map_parts/points.js";

const SETTLED = 400; // ms without movement before the address bar takes the view
const ARRIVAL = 200; // ms for a face to fade in
const RIM = 2; // pixels of colour around a face
const CROWDING = 0.94; // distance of two faces' middles, as a share of their side
const VEIL = 0.45; // opacity of what mutes the map around new marks
const LARGEST_FACE = 112; // pixels; thumbnails have 128

const ICONS = {
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  whole: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  faces: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z",
};

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const map = (parentElement.selfieMap ??= new SelfieMap(parentElement));
  map.open = (row) => setTriggerValue("clicked", row);
  map.keepView = (view) => setStateValue("view", view);
  map.show(data);
  return () => {
    map.leave();
    delete parentElement.selfieMap;
  };
}

const describe = (count) =>
  `Map of ${count.toLocaleString("en")} selfies. Arrow keys move from selfie to selfie, ` +
  "plus and minus zoom, 0 shows the whole map, Enter opens a selfie.";

const sayFacts = ({ row, score, better, own }) =>
  [`Selfie ${row + 1}`, score, better, own, "Enter opens it"].filter(Boolean).join(", ");

class SelfieMap {
  constructor(parent) {
    this.gone = new AbortController();
    this.camera = new Camera();
    this.columns = new Map();
    this.faces = []; // drawn last: {row, x, y}, the middle in pixels
    this.since = new Map(); // row -> when its face was first drawn
    this.current = -1; // the row that has ring and card
    this.by = "mouse"; // what made it current: mouse, touch or key
    this.withFaces = true;
    this.build(parent);
    this.input = new Input(this, this.gone.signal);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.root);
  }

  build(parent) {
    this.pointsCanvas = make("canvas", "points");
    this.facesCanvas = make("canvas", "faces");
    this.marks = new Marks();
    this.ring = make("div", "ring");
    this.card = new Card();
    this.legend = make("div", "legend");
    this.notice = make("div", "notice", "Arranging the selfies …");
    this.says = make("div", "says");
    this.says.setAttribute("aria-live", "polite");
    this.stage = make("div", "stage", this.pointsCanvas, this.facesCanvas, this.marks.root, this.ring);
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-roledescription", "map");
    this.root = make("div", "map", this.stage, this.legend, this.makeTools());
    this.root.append(this.card.root, this.notice, this.says);
    parent.append(this.root);
  }

  makeTools() {
    const tool = (name, icon, act) => {
      const button = make("button", "tool");
      button.type = "button";
      button.title = name;
      button.setAttribute("aria-label", name);
      button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${icon}"/></svg>`;
      button.addEventListener("click", act, { signal: this.gone.signal });
      return button;
    };
    this.facesTool = tool("Show photos", ICONS.faces, () => this.showFaces(!this.withFaces));
    this.facesTool.setAttribute("aria-pressed", "true");
    return make(
      "div",
      "tools",
      tool("Zoom in", ICONS.plus, () => this.zoomBy(2)),
      tool("Zoom out", ICONS.minus, () => this.zoomBy(0.5)),
      tool("Show the whole map", ICONS.whole, () => this.goHome()),
      this.facesTool,
    );
  }

  leave() {
    this.gone.abort();
    this.resized.disconnect();
    cancelAnimationFrame(this.frameAsked);
    clearTimeout(this.viewTimer);
    this.card.clear();
    this.pictures?.leave();
    this.points?.leave();
    this.root.remove();
  }

  // Called on every change of the page's data and on a change of theme.
  async show(data) {
    this.data = data;
    this.readTheme();
    try {
      if (data.base !== this.base) this.loading = this.load(data);
      await this.loading; // perhaps begun by an earlier call
      if (data !== this.data || this.gone.signal.aborted) return;
      const values = await this.column(data.colour.column);
      if (data !== this.data || this.gone.signal.aborted) return;
      this.colour(data.colour, values);
    } catch {
      return this.fail();
    }
    if (this.marks.show(data.marks)) this.lookAtMarks();
    this.invalidate();
  }

  async load({ base, count, view }) {
    this.base = base;
    this.columns.clear();
    const [x, y, score, percentile] = await this.fetchColumns("x,y,score,percentile");
    if (base !== this.data.base || this.gone.signal.aborted) return;
    this.columns.set("x", x).set("y", y).set("score", score).set("percentile", percentile);
    this.count = count;
    this.hue = null; // nothing is painted until the new points have colours
    this.pictures?.leave();
    this.pictures = new Pictures(base, () => this.invalidate({ faces: true }));
    this.camera.mostZoom = Math.max(8, Math.sqrt(count));
    this.current = -1;
    this.stage.setAttribute("aria-label", describe(count));
    this.turned = undefined;
    this.fillWindow();
    this.resize();
    this.restoreView(view);
  }

  // Where the map is what a page begins with, its lower edge is in sight without scrolling.
  fillWindow() {
    const { top } = this.root.getBoundingClientRect();
    const first = top > 0 && top < 0.5 * innerHeight;
    if (first) this.root.style.setProperty("--height", `calc(100svh - ${Math.round(top) + 20}px)`);
  }

  // A wide map lies on its side in a tall frame, as on a phone: twice the size, same neighbours.
  arrange(turned) {
    const [x, y] = [this.columns.get("x"), this.columns.get("y")];
    if (this.turned !== undefined) this.camera.turn();
    this.turned = turned;
    [this.x, this.y] = turned ? [y, x] : [x, y];
    this.index = new Index(this.x, this.y);
    this.thinning = new Thinning(this.index);
    this.showPoints();
  }

  liesBest() {
    const { left, right, top, bottom } = boundsOf(this.columns.get("x"), this.columns.get("y"));
    const tall = this.root.clientWidth < this.root.clientHeight;
    return right - left < bottom - top !== tall;
  }

  // A place of the table as one of the frame's map, and back.
  turn(x, y) {
    return this.turned ? [y, x] : [x, y];
  }

  inFrame(row) {
    return this.camera.toFrame(this.x[row], this.y[row]);
  }

  async fetchColumns(names) {
    const answer = await fetch(`${this.base}/columns.bin?names=${encodeURIComponent(names)}`);
    if (!answer.ok) throw new Error(answer.statusText);
    const numbers = new Float32Array(await answer.arrayBuffer());
    const count = numbers.length / names.split(",").length;
    return names.split(",").map((_, place) => numbers.subarray(place * count, (place + 1) * count));
  }

  async column(name) {
    if (!this.columns.has(name)) this.columns.set(name, (await this.fetchColumns(name))[0]);
    return this.columns.get(name);
  }

  fail() {
    this.base = null; // the next rerun tries again
    this.notice.textContent = "The map did not arrive. Reload the page to try again.";
    this.notice.hidden = false;
  }

  // ---- looks

  readTheme() {
    const style = getComputedStyle(this.root);
    this.quiet = style.getPropertyValue("--missing").trim() || "#9a96a0";
    this.ground = style.getPropertyValue("--ground").trim() || "#f6f4f7";
  }

  colour(colour, values) {
    this.hue = paintBy(colour, values, this.quiet);
    this.points.colour(this.hue);
    this.values = values;
    fillLegend(this.legend, colour, values.some(Number.isNaN));
    if (this.current >= 0) this.card.fill(this.facts(this.current));
  }

  colourOf(row) {
    return this.hue.palette[this.hue.steps[row]];
  }

  facts(row) {
    const { colour } = this.data;
    const score = this.columns.get("score")[row];
    const own = colour.column === "score" ? "" : `${colour.title}: ${nameValue(colour, this.values[row])}`;
    return {
      row,
      score: `${(100 * score).toFixed(1)} %`,
      better: `scores above ${Math.floor(this.columns.get("percentile")[row])} %`,
      own,
      share: this.columns.get("percentile")[row] / 100,
      colour: this.colourOf(row),
    };
  }

  // About thirty faces fit side by side, fewer in a small gallery; they grow as one comes nearer.
  get faceSize() {
    return Math.min(LARGEST_FACE, this.smallestFace * this.camera.zoom ** 0.3);
  }

  get smallestFace() {
    const side = Math.sqrt(this.root.clientWidth * this.root.clientHeight);
    return clamp(side * Math.max(1 / 23, 0.35 / Math.sqrt(this.count)), 34, LARGEST_FACE);
  }

  get pointSize() {
    const apart = this.camera.at.scale * Math.sqrt(this.index.area / this.count);
    return clamp(0.42 * apart, 2.5, 9);
  }

  showFaces(on) {
    this.withFaces = on;
    this.facesTool.setAttribute("aria-pressed", String(on));
    this.invalidate();
    this.keepViewSoon();
  }

  showPoints() {
    this.points?.leave();
    try {
      this.drawPointsBy(GlPoints);
    } catch {
      this.drawPointsBy(CanvasPoints);
    }
  }

  // Each kind gets a canvas of its own, as a canvas keeps the first context it gave.  If WebGL
  // goes away later (a sleeping phone, a driver's restart), the plain canvas takes over.
  drawPointsBy(Kind) {
    const canvas = make("canvas", "points");
    this.pointsCanvas.replaceWith(canvas);
    this.pointsCanvas = canvas;
    this.sizeCanvases();
    this.points = new Kind(canvas, this.x, this.y, () => this.drawPointsBy(CanvasPoints));
    if (this.hue) this.points.colour(this.hue);
    this.root.dataset.points = Kind === GlPoints ? "webgl" : "canvas";
    this.invalidate();
  }

  // ---- view

  resize() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width || !height || !this.columns.has("x")) return;
    const turned = this.liesBest();
    if (turned !== this.turned) this.arrange(turned);
    this.sizeCanvases();
    const rim = this.smallestFace / 2 + 0.03 * Math.min(width, height);
    this.camera.resize(width, height, this.index.bounds, rim);
    this.card.frame = { width, height };
    this.invalidate();
  }

  sizeCanvases() {
    this.sharpness = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.pointsCanvas, this.facesCanvas]) {
      canvas.width = Math.round(this.root.clientWidth * this.sharpness);
      canvas.height = Math.round(this.root.clientHeight * this.sharpness);
    }
  }

  restoreView(text) {
    const [x, y, zoom, faces] = (text ?? "").split(",");
    const numbers = [x, y, zoom].map(Number);
    if (text && numbers.every(Number.isFinite) && numbers[2] > 0) {
      this.camera.lookAt(...this.turn(numbers[0], numbers[1]), numbers[2]);
    }
    if (faces === "points") this.showFaces(false);
    this.kept = this.viewText;
  }

  get viewText() {
    const { target, zoomAimed, atHome } = this.camera;
    const [x, y] = this.turn(target.x, target.y);
    const place = [x.toFixed(4), y.toFixed(4), zoomAimed.toFixed(2)];
    if (atHome && this.withFaces) return "";
    return (this.withFaces ? place : [...place, "points"]).join(",");
  }

  keepViewSoon() {
    clearTimeout(this.viewTimer);
    if (!this.data.keepsView) return;
    this.viewTimer = setTimeout(() => {
      if (this.viewText === this.kept) return;
      this.kept = this.viewText;
      this.keepView(this.kept);
    }, SETTLED);
  }

  // Frames new marks and mutes what is around them until one moves on.
  lookAtMarks() {
    const places = this.marks.places(this.columns.get("x"), this.columns.get("y"));
    this.veiled = places.length > 0;
    if (!this.veiled || this.kept) return; // a link to a place goes before
    this.camera.lookAtAll(places.map(([x, y]) => this.turn(x, y)));
    if (calm.matches || !this.root.dataset.ready) this.camera.arrive();
  }

  zoomBy(factor, x = this.camera.width / 2, y = this.camera.height / 2) {
    this.camera.zoomBy(factor, x, y);
    this.move();
  }

  goHome() {
    this.camera.goHome();
    this.move();
  }

  // What the hands and keys do after they have told the camera.
  move() {
    this.veiled = false;
    if (calm.matches) this.camera.arrive();
    this.invalidate();
    this.keepViewSoon();
  }

  // ---- painting

  invalidate({ faces = false } = {}) {
    this.stale ||= !faces;
    if (this.frameAsked || !this.hue || !this.camera.width) return;
    this.frameAsked = requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.frameAsked = 0;
    if (!this.hue) return;
    const moving = this.camera.step(now - (this.lastFrame ?? now - 16));
    this.lastFrame = moving ? now : null;
    if (this.stale || moving) this.points.paint(this.camera, this.pointSize, this.sharpness);
    this.stale = false;
    const arriving = this.paintFaces(now);
    const inFrame = (x, y) => this.camera.toFrame(...this.turn(x, y));
    const rim = this.withFaces ? this.faceSize / 2 : 0;
    this.marks.place(this.camera.width, rim, inFrame, (row) => this.inFrame(row));
    this.report();
    if (moving) this.invalidate();
    else if (arriving) this.invalidate({ faces: true });
    if (moving && this.by !== "key") this.point(-1);
    else if (!moving) this.input.hover();
    this.placeRing();
  }

  report() {
    const { at } = this.camera;
    this.notice.hidden = true;
    this.root.dataset.ready = "1";
    this.root.dataset.imagesShown = this.faces.length;
    this.root.dataset.view = [...this.turn(at.x, at.y), at.scale].map((v) => v.toFixed(5)).join(",");
    this.root.dataset.turned = this.turned ? "1" : "";
    this.stage.classList.toggle("whole", this.camera.atHome);
  }

  // Draws the faces of this view whose pictures are there and asks for the others.
  // Returns whether some are still fading in.
  paintFaces(now) {
    const pen = this.facesCanvas.getContext("2d");
    const { width, height } = this.camera;
    pen.setTransform(this.sharpness, 0, 0, this.sharpness, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.imageSmoothingQuality = "medium";
    this.faces = [];
    if (!this.withFaces) return false;

    const size = this.faceSize;
    const sharp = size * this.sharpness > 1.4 * CELL;
    const wanted = this.facesInView(size);
    this.pictures.want(wanted.map((face) => face.row), sharp);
    const before = this.since;
    this.since = new Map();
    let arriving = false;
    const draw = (face) => {
      const picture = this.pictures.find(face.row, sharp);
      if (!picture) return;
      const since = before.get(face.row) ?? now;
      this.since.set(face.row, since);
      const seen = calm.matches ? 1 : Math.min(1, (now - since) / ARRIVAL);
      arriving ||= seen < 1;
      this.drawFace(pen, face, picture, size * (0.8 + 0.2 * seen), seen);
      this.faces.push(face);
    };
    wanted.filter((face) => !face.marked).forEach(draw);
    if (this.veiled) this.drawVeil(pen);
    wanted.filter((face) => face.marked).forEach(draw);
    return arriving;
  }

  // Mutes the map beneath the selfies that marks lead to.
  drawVeil(pen) {
    pen.globalAlpha = VEIL;
    pen.fillStyle = this.ground;
    pen.fillRect(0, 0, this.camera.width, this.camera.height);
    pen.globalAlpha = 1;
  }

  // The rows that have a face in this view, nearest to the middle first.
  facesInView(size, margin = size / 2) {
    if (!this.withFaces) return [];
    const { camera, thinning } = this;
    const step = thinning.stepFor((CROWDING * (size + 2 * RIM)) / camera.at.scale);
    const found = [];
    this.index.visit(...camera.window(margin), (row) => {
      const marked = this.marks.rows.has(row);
      if (thinning.steps[row] > step && !marked) return;
      const [x, y] = this.inFrame(row);
      const far = Math.hypot(x - camera.width / 2, y - camera.height / 2);
      found.push({ row, x, y, far, marked });
    });
    if (camera.zoom < 1.05) this.pictures.useCover(found, this.sharpness);
    return found.sort((a, b) => a.far - b.far);
  }

  drawFace(pen, { row, x, y }, picture, size, seen) {
    const corner = size * CORNER;
    pen.globalAlpha = seen;
    for (const [rim, colour] of [[RIM + 1.5, this.ground], [RIM, this.colourOf(row)]]) {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.roundRect(x - size / 2 - rim, y - size / 2 - rim, size + 2 * rim, size + 2 * rim, corner + rim);
      pen.fill();
    }
    const { bitmap, left, top, side } = picture;
    pen.drawImage(bitmap, left, top, side, side, x - size / 2, y - size / 2, size, size);
    pen.globalAlpha = 1;
  }

  // ---- the current selfie

  // The row meant at a place of the frame: the face there, or the nearest uncovered point.
  pick({ x, y }, reach) {
    const face = this.faceAt(x, y);
    if (face) return face.row;
    const bare = (row) => !this.faceAt(...this.inFrame(row));
    const [mapX, mapY] = this.camera.toMap(x, y);
    return this.index.nearest(mapX, mapY, reach / this.camera.at.scale, bare);
  }

  faceAt(x, y) {
    const half = this.faceSize / 2 + RIM;
    return this.faces.findLast((face) => Math.abs(face.x - x) <= half && Math.abs(face.y - y) <= half);
  }

  // Makes a row the current one; -1 for none.
  point(row, by = this.by) {
    if (row === this.current && by === this.by) return;
    const changed = row !== this.current;
    Object.assign(this, { current: row, by });
    this.root.dataset.hoverRow = row < 0 ? "" : row;
    this.root.classList.toggle("pointed", row >= 0);
    this.ring.classList.toggle("shown", row >= 0);
    if (row < 0) {
      this.card.clear();
      this.says.textContent = "";
      return;
    }
    if (changed) this.card.fill(this.facts(row), this.pictures);
    this.card.hint.textContent = by === "touch" ? "Tap again to open" : "";
    if (by === "key") this.says.textContent = sayFacts(this.facts(row));
    this.placeRing();
  }

  placeRing() {
    if (this.current < 0) return;
    const [x, y] = this.inFrame(this.current);
    const face = this.faces.some((shown) => shown.row === this.current);
    const size = face ? this.faceSize + 2 * RIM : this.pointSize + 5;
    this.ring.style.width = this.ring.style.height = `${size}px`;
    this.ring.style.borderRadius = face ? `${this.faceSize * CORNER + RIM}px` : "50%";
    this.ring.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
    this.card.place(x, y, size / 2 + 4);
  }

  choose(row) {
    if (row >= 0) this.open(row);
  }

  candidates() {
    const faces = this.facesInView(this.faceSize, Math.max(this.camera.width, this.camera.height) / 2);
    if (faces.length) return faces;
    const points = [];
    this.index.visit(...this.camera.window(200), (row) => {
      const [x, y] = this.inFrame(row);
      points.push({ row, x, y });
    });
    return points;
  }

  bringIntoView(row) {
    const { camera } = this;
    const [x, y] = this.inFrame(row);
    const room = Math.min(120, camera.width / 4, camera.height / 4);
    const beyond = (value, size) => value - clamp(value, room, size - room);
    const [right, down] = [beyond(x, camera.width), beyond(y, camera.height)];
    if (!right && !down) return;
    camera.glide(right, down);
    this.by = "key";
    this.move();
  }
}

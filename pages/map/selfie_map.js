// The map of selfies as a Streamlit component (v2): no library, nothing to build.
//
// Layers, from below: points and seams (WebGL2, or a plain canvas where there is none), faces (a
// plain canvas), and elements that follow (names, ring, card, marks).  The canvases are painted
// only when the view changes, so hovering draws nothing and asks the server for one small picture.
// Whatever a visitor does stays in the browser; the page hears of it to keep the address bar.
//
// Positions are those of a layout, about 0..1, y downwards.  "Scale" is pixels for a map
// width of 1; "zoom" is scale against the whole map fitted into the frame.

import { Address } from "./parts/address.js";
import { Arrangement } from "./parts/place/arrangement.js";
import { Axes } from "./parts/place/axes.js";
import { calm, clamp, counted, make, percent } from "./parts/basics.js";
import { Camera } from "./parts/place/camera.js";
import { Card } from "./parts/beside/card.js";
import { explainColumn, nameValue, paintBy } from "./parts/draw/colours.js";
import { Faces } from "./parts/draw/faces.js";
import { Input } from "./parts/input.js";
import { Landmarks } from "./parts/choose/landmarks.js";
import { Lasso } from "./parts/choose/lasso.js";
import { layOut } from "./parts/place/layouts.js";
import { Legend } from "./parts/choose/legend.js";
import { Marks } from "./parts/choose/marks.js";
import { Panel } from "./parts/beside/panel.js";
import { Pictures } from "./parts/draw/pictures.js";
import { boundsOf } from "./parts/place/places.js";
import { Pointer } from "./parts/pointer.js";
import { CanvasPoints, GlPoints } from "./parts/draw/points.js";
import { prepareSeams } from "./parts/draw/seams.js";
import { Selection } from "./parts/choose/selection.js";
import { Server } from "./parts/server.js";
import { Toolbar } from "./parts/beside/toolbar.js";

const CLOSE_LOOK = 8; // zoom at which a few selfies that were found are shown

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const map = (parentElement.selfieMap ??= new SelfieMap(parentElement));
  map.open = (row) => setTriggerValue("clicked", row);
  map.address.send = (address) => setStateValue("address", address);
  map.show(data);
  return () => {
    map.leave();
    delete parentElement.selfieMap;
  };
}

const describe = (count) =>
  `Map of ${counted(count)} selfies. Arrow keys move from selfie to selfie, Tab to the next ` +
  "nearest, plus and minus zoom, 0 shows the whole map, Enter opens a selfie, Escape lets go.";

class SelfieMap {
  constructor(parent) {
    this.gone = new AbortController();
    this.camera = new Camera();
    this.places = new Arrangement();
    this.faces = new Faces(this);
    this.selection = new Selection(this);
    this.pointer = new Pointer(this);
    this.address = new Address(this);
    this.tool = null; // "lasso" or "box" while one is in the hand
    this.withFaces = true;
    this.withSeams = false;
    this.build(parent);
    this.input = new Input(this, this.gone.signal);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.stage);
  }

  build(parent) {
    this.pointsCanvas = make("canvas", "points");
    this.facesCanvas = make("canvas", "faces");
    this.marks = new Marks();
    this.landmarks = new Landmarks((landmark) => this.selection.chooseLandmark(landmark.region));
    this.lasso = new Lasso();
    this.axes = new Axes();
    this.ring = make("div", "ring");
    this.openRing = make("div", "ring open");
    this.card = new Card();
    this.legend = new Legend(() => this.filter());
    this.panel = new Panel(this);
    this.toolbar = new Toolbar(this);
    this.notice = make("div", "notice", "Arranging the selfies …");
    this.says = make("div", "says");
    this.says.setAttribute("aria-live", "polite");
    this.stage = make("div", "stage", this.pointsCanvas, this.lasso.root);
    this.pointsCanvas.after(this.axes.root, this.facesCanvas, this.marks.root);
    this.stage.append(this.openRing, this.ring, this.landmarks.root);
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-roledescription", "map");
    this.frame = make("div", "frame", this.stage, this.legend.root, this.toolbar.tools, this.card.root, this.notice);
    this.root = make("div", "map", this.toolbar.root, make("div", "body", this.frame, this.panel.root), this.says);
    parent.append(this.root);
  }

  leave() {
    this.gone.abort();
    this.resized.disconnect();
    cancelAnimationFrame(this.frameAsked);
    this.address.leave();
    this.card.clear();
    this.server?.leave();
    this.pictures?.leave();
    this.points?.leave();
    this.root.remove();
  }

  // ---- loading

  // Called on every change of the page's data and on a change of theme.
  async show(data) {
    this.data = data;
    this.readTheme();
    try {
      if (data.base !== this.server?.base) this.loading = this.load(data);
      await this.loading; // perhaps begun by an earlier call
    } catch (error) {
      if (data === this.data && !this.gone.signal.aborted) this.fail(error);
      return;
    }
    if (data !== this.data || this.gone.signal.aborted) return;
    this.landmarks.show(data.landmarks);
    this.settleLandmarks();
    if (this.marks.show(data.marks)) this.lookAtMarks();
    this.paintColours(); // the theme may be another
    this.invalidate();
  }

  async load(data) {
    this.server?.leave();
    const server = (this.server = new Server(data.base));
    const { address, columns, count } = data;
    this.hue = null; // nothing is painted until the new points have places and colours
    this.count = count;
    this.gridCell = data.gridCell;
    this.toolbar.offer(data);
    const [kind, factor] = (address.layout || "map").split(":");
    const known = (name, fit) => columns.find((one) => one.name === name && fit(one)) ?? columns.find(fit);
    const measured = (one) => one.scale && one.name !== "score";
    this.factor = known(factor || "brightness", measured);
    const colour = known(address.colour, () => true);
    const few = ["x", "y", "score", "percentile", ...(data.hasSeams ? ["seam"] : [])];
    const [, , score, percentiles, seam] = await server.columns(few);
    const [layout, explained] = await Promise.all([this.layoutOf(kind), this.explain(colour)]);
    if (server !== this.server || this.gone.signal.aborted) return;
    Object.assign(this, { score, percentiles, seam, ...explained });
    this.pictures?.leave();
    this.pictures = new Pictures(data.base, () => this.invalidate({ faces: true }));
    this.camera.mostZoom = Math.max(6, 0.7 * Math.sqrt(count)); // photos stand a hand's breadth apart then
    this.stage.setAttribute("aria-label", describe(count));
    this.fillWindow();
    this.selection.drop();
    this.legend.show(this.colour, address.only);
    this.selection.filter = this.legend.filter;
    this.arrange(layout, { travel: false });
    await this.address.restore(address);
  }

  async explain(column) {
    const { server } = this;
    const [[values], words] = await Promise.all([
      server.columns([column.name]),
      column.words ? server.words(column.name) : null,
    ]);
    return { column, values, colour: explainColumn(column, values, words, this.data.ramp) };
  }

  // Falls back to the map where this gallery has no such layout.
  layoutOf(kind) {
    const { hasGrid } = this.data;
    const known = (kind === "grid" && hasGrid) || (kind === "score" && this.factor) ? kind : "map";
    return layOut(known, this.server, { factor: this.factor, aspect: this.aspect });
  }

  fail(error) {
    this.server = null; // the next rerun tries again
    this.notice.textContent = /no selfie has a place/.test(error.message)
      ? "None of these selfies has a place on the map."
      : "The map did not arrive. Reload the page to try again.";
    this.notice.hidden = false;
  }

  // Where the map is what a page begins with, its lower edge is in sight without scrolling.
  fillWindow() {
    const { top } = this.root.getBoundingClientRect();
    const first = top > 0 && top < 0.5 * innerHeight;
    if (first) this.root.style.setProperty("--height", `calc(100svh - ${Math.round(top) + 20}px)`);
  }

  // ---- layout

  get frameSize() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  get aspect() {
    const { width, height } = this.frameSize;
    return clamp(width / (height || 1), 0.5, 2.4);
  }

  get layout() {
    return this.places.layout;
  }

  // A wide map lies on its side in a tall frame, as on a phone: twice the size, same neighbours.
  liesBest(layout) {
    if (layout.kind === "score") return false;
    const { left, top, right, bottom } = boundsOf(layout.x, layout.y);
    const { width, height } = this.frameSize;
    const square = Math.abs(right - left - (bottom - top)) < 1e-3;
    return !square && right - left < bottom - top !== width < height;
  }

  arrange(layout, { travel = true } = {}) {
    this.pointer.at(-1);
    this.places.arrange(layout, { turned: this.liesBest(layout), travel, now: performance.now() });
    this.root.dataset.layout = layout.kind;
    this.lasso.clear();
    const { axes } = layout;
    if (axes) this.legend.toggle(true); // it would cover the axes
    this.axes.show(axes, axes && { across: this.columnNamed(axes.factor.name), up: this.columnNamed("score") });
    if (axes) this.nameTicks(axes);
    this.settleLandmarks();
    if (this.points) this.points.move(this.pointPlaces);
    else this.showPoints();
    this.renew();
    this.fitCamera();
    this.camera.goHome();
    if (!travel || calm.matches) this.camera.arrive();
    this.invalidate();
  }

  columnNamed(name) {
    return this.data.columns.find((column) => column.name === name) ?? { unit: "%" };
  }

  // "yes" and "no" instead of 1 and 0 along an axis.
  nameTicks({ factor, steps }) {
    if (steps?.every((value) => value === 0 || value === 1)) this.axes.columns.across = { ...factor, names: factor.yesNo };
    this.axes.drawn = "";
  }

  get pointPlaces() {
    const { toX, toY, fromX, fromY } = this.places;
    return { x: toX, y: toY, fromX, fromY };
  }

  async changeLayout(kind) {
    const layout = await this.layoutOf(kind).catch(() => null);
    if (!layout) return this.say("That layout did not arrive");
    this.arrange(layout);
    this.pressTools();
    this.say(`Layout: ${layout.axes ? `score against ${this.factor.title}` : layout.kind}`);
    this.keepSoon();
  }

  changeFactor(name) {
    this.factor = this.columnNamed(name);
    return this.changeLayout("score");
  }

  // Names belong over their members wherever these stand.
  async settleLandmarks() {
    const { layout, places } = this;
    if (!this.data.landmarks.length || layout.kind === "score") return;
    const region = layout.kind === "map" ? null : (await this.server.columns(["region"]))[0];
    if (layout !== this.layout) return;
    if (region) this.landmarks.settle(region, places.x, places.y);
    else this.landmarks.restore(places);
    this.invalidate();
  }

  resize() {
    const { width, height } = this.frameSize;
    if (!width || !height || !this.layout) return;
    if (this.liesBest(this.layout) !== this.places.turned) {
      this.arrange(this.layout, { travel: false });
    }
    this.sizeCanvases();
    this.fitCamera();
    this.card.frame = { width, height };
    this.invalidate();
  }

  fitCamera() {
    const { width, height } = this.frameSize;
    if (!width || !height) return;
    const rim = this.layout.axes ? 44 : this.faces.smallest / 2 + 0.03 * Math.min(width, height);
    this.card.frame = { width, height };
    const tools = 44; // pixels at the right that the tools would cover
    this.camera.resize(width, height, this.places.index.bounds, rim, tools);
  }

  sizeCanvases() {
    const { width, height } = this.frameSize;
    this.sharpness = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.pointsCanvas, this.facesCanvas]) {
      canvas.width = Math.round(width * this.sharpness);
      canvas.height = Math.round(height * this.sharpness);
    }
  }

  // A place of the frame from one of the layout, of a row, or of a mark of the table.
  inFrame(row) {
    return this.camera.toFrame(...this.places.place(row));
  }

  markInFrame(mark) {
    return this.layout.kind === "map" && this.places.moved === 1 ? this.camera.toFrame(...this.places.turn(mark.x, mark.y)) : null;
  }

  // ---- looks

  readTheme() {
    const style = getComputedStyle(this.root);
    const colour = (name, other) => style.getPropertyValue(name).trim() || other;
    this.quiet = colour("--missing", "#9a96a0");
    this.ground = colour("--ground", "#f6f4f7");
  }

  async changeColour(name) {
    const { server } = this;
    const explained = await this.explain(this.columnNamed(name)).catch(() => null);
    if (!explained || server !== this.server) return this.say("Those values did not arrive");
    Object.assign(this, explained);
    this.legend.show(this.colour);
    this.filter();
  }

  filter() {
    this.selection.filter = this.legend.filter;
    this.renew();
    this.keepSoon();
  }

  // After a change of what is shown: colours, and who gets a face first.
  renew() {
    this.places.thin((row) => this.selection.stands(row), this.seam);
    this.paintColours();
    const shown = this.selection.shownRows().length;
    this.legend.count(shown, this.count);
    this.root.dataset.shown = shown;
    this.root.dataset.group = this.selection.group?.rows.length ?? "";
    this.pressTools();
    this.invalidate();
  }

  paintColours() {
    if (!this.layout) return;
    this.hue = paintBy(this.colour, this.values, { missing: this.quiet, muted: this.quiet });
    const { steps, muted, hidden } = this.hue;
    this.plain = steps.slice();
    for (let row = 0; row < this.count; row++) {
      if (!this.places.has(row)) steps[row] = hidden;
      else if (!this.selection.stands(row)) steps[row] = muted;
    }
    this.points.colour(this.hue);
    if (this.card.row >= 0) this.card.fill(this.facts(this.card.row));
  }

  colourOf(row) {
    return this.hue.palette[this.plain[row]];
  }

  facts(row) {
    const { colour } = this;
    const own = colour.name === "score" ? "" : `${colour.title}: ${nameValue(colour, this.values[row])}`;
    return {
      row,
      score: percent(this.score[row]),
      better: `scores above ${Math.floor(this.percentiles[row])} %`,
      own,
      share: this.percentiles[row] / 100,
      colour: this.colourOf(row),
    };
  }

  get pointSize() {
    const apart = this.camera.at.scale * Math.sqrt(this.places.index.area / this.count);
    return clamp(0.42 * apart, 2.5, 9);
  }

  showFaces(on) {
    this.withFaces = on;
    this.pressTools();
    this.invalidate();
    this.keepSoon();
  }

  async showSeams(on) {
    this.withSeams = on && this.data.hasSeams;
    this.pressTools();
    this.keepSoon();
    if (this.withSeams && !this.seams) {
      const edges = await this.server.seams().catch(() => null);
      if (!edges) return this.showSeams(false);
      this.seams = prepareSeams(edges, "#e5304f");
      this.points.showSeams(this.seams);
      this.points.move(this.pointPlaces);
    }
    this.legend.note.textContent = this.withSeams ? "Red: neighbours that the net holds far apart" : "";
    this.invalidate();
  }

  // How far apart neighbours of the map may stand for a border between them; 0 for no seams.
  get seamReach() {
    if (!this.withSeams || this.places.moved < 1 || this.layout.kind === "score") return 0;
    return this.layout.kind === "grid" ? 1.6 * this.gridCell : 1e9;
  }

  // Each kind gets a canvas of its own, as a canvas keeps the first context it gave.  If WebGL
  // goes away later (a sleeping phone, a driver's restart), the plain canvas takes over.
  showPoints() {
    try {
      this.drawPointsBy(GlPoints);
    } catch {
      this.drawPointsBy(CanvasPoints);
    }
  }

  drawPointsBy(Kind) {
    const canvas = make("canvas", "points");
    this.pointsCanvas.replaceWith(canvas);
    this.pointsCanvas = canvas;
    this.sizeCanvases();
    this.points = new Kind(canvas, () => this.drawPointsBy(CanvasPoints));
    if (this.seams) this.points.showSeams(this.seams);
    this.points.move(this.pointPlaces);
    if (this.hue) this.points.colour(this.hue);
    this.root.dataset.points = Kind === GlPoints ? "webgl" : "canvas";
    this.invalidate();
  }

  pressTools() {
    const { tool, withFaces: faces, withSeams: seams } = this;
    this.toolbar.press({ kind: this.layout?.kind, factor: this.factor?.name, colour: this.column?.name, tool, faces, seams });
    this.stage.classList.toggle("drawing", Boolean(tool));
  }

  // ---- view

  // Frames new marks and mutes what is around them until one moves on.
  lookAtMarks() {
    const { turned, x, y } = this.places;
    const places = turned ? this.marks.places(y, x) : this.marks.places(x, y);
    this.veiled = places.length > 0 && this.layout.kind === "map";
    if (!this.veiled || this.data.address.view) return; // a link to a place goes before
    this.camera.lookAtAll(places.map(([x, y]) => this.places.turn(x, y)));
    if (calm.matches || !this.root.dataset.ready) this.camera.arrive();
  }

  lookAtRows(rows) {
    const places = rows.filter((row) => this.places.has(row)).map((row) => [this.places.x[row], this.places.y[row]]);
    if (!places.length) return;
    this.camera.lookAtAll(places, CLOSE_LOOK);
    this.move();
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
    this.keepSoon();
  }

  // The part of the frame's height that a sheet over it leaves free, as on a phone.
  get freeHeight() {
    const { height } = this.camera;
    if (this.panel.root.hidden) return height;
    const covered = this.frame.getBoundingClientRect().bottom - this.panel.root.getBoundingClientRect().top;
    const over = getComputedStyle(this.panel.root).position === "absolute";
    return over ? Math.max(140, height - covered) : height;
  }

  bringIntoView(row) {
    const { camera, freeHeight } = this;
    const [x, y] = this.inFrame(row);
    const room = Math.min(120, camera.width / 4, freeHeight / 4);
    const beyond = (value, size) => value - clamp(value, room, size - room);
    const [right, down] = [beyond(x, camera.width), beyond(y, freeHeight)];
    if (!right && !down) return;
    camera.glide(right, down);
    this.pointer.by = "key";
    this.move();
  }

  // ---- painting

  invalidate({ faces = false } = {}) {
    this.stale ||= !faces;
    if (this.frameAsked || !this.hue || !this.camera.width) return;
    this.frameAsked = requestAnimationFrame((now) => this.paint(now));
  }

  paint(now) {
    this.frameAsked = 0;
    if (!this.hue) return;
    const gliding = this.camera.step(now - (this.lastFrame ?? now - 16));
    const travelling = this.places.step(now);
    const moving = gliding || travelling;
    this.lastFrame = moving ? now : null;
    if (this.stale || moving) {
      const { pointSize: size, sharpness, places } = this;
      this.points.paint(this.camera, { size, sharpness, moved: places.eased, reach: this.seamReach });
    }
    this.stale = false;
    const arriving = this.faces.paint(this.facesCanvas.getContext("2d"), now);
    this.placeElements();
    this.report();
    if (moving) this.invalidate();
    else if (arriving) this.invalidate({ faces: true });
    if (moving && this.pointer.by === "mouse") this.pointer.at(-1);
    else if (!moving) this.input.hover();
    this.pointer.place();
  }

  placeElements() {
    const { camera } = this;
    const rim = this.withFaces ? this.faces.size / 2 : 0;
    this.marks.place(camera.width, rim, (mark) => this.markInFrame(mark), (row) => this.inFrame(row));
    const toFrame = (x, y) => camera.toFrame(x, y);
    this.lasso.paint(toFrame);
    this.landmarks.place(camera, toFrame, this.places.moved < 1 || this.layout.kind === "score");
    this.axes.place(camera);
  }

  report() {
    const { at } = this.camera;
    const { dataset } = this.root;
    this.notice.hidden = true;
    dataset.ready = "1";
    dataset.imagesShown = this.faces.drawn.length;
    dataset.view = [...this.places.turn(at.x, at.y), at.scale].map((v) => v.toFixed(5)).join(",");
    dataset.turned = this.places.turned ? "1" : "";
    dataset.travelling = this.places.moved < 1 ? "1" : "";
    this.stage.classList.toggle("whole", this.camera.atHome && !this.tool);
  }

  say(text) {
    this.says.textContent = text;
  }

  // Thin lines from a row to others.
  link(row, rows) {
    this.marks.link(row, rows.filter((other) => this.places.has(other)));
    this.invalidate();
  }

  keepSoon() {
    this.address.keepSoon();
  }

  // ---- drawing a region

  takeTool(tool) {
    this.tool = this.tool === tool ? null : tool;
    this.pressTools();
    this.invalidate();
    if (this.tool) this.say("Draw round the selfies you mean");
  }

  beginRegion(kind, { x, y }) {
    this.lasso.begin(kind, this.camera.toMap(x, y));
  }

  extendRegion({ x, y }) {
    this.lasso.extend(this.camera.toMap(x, y));
    this.lasso.paint((mapX, mapY) => this.camera.toFrame(mapX, mapY));
  }

  // A press that drew nothing leaves no outline behind, unless a drawn region is chosen.
  dropDrawing() {
    if (!this.selection.group?.from?.region) this.lasso.clear();
  }

  finishRegion() {
    this.lasso.finish();
    this.tool = null; // one drawing, then the hand is free to move the map again
    this.selection.chooseDrawn();
  }

  // Lets go of what was taken last: tool, selfie pointed at, panel.
  escape() {
    if (this.tool) this.takeTool(this.tool);
    else if (this.pointer.row >= 0) this.pointer.at(-1);
    else if (!this.panel.root.hidden) this.selection.close();
  }
}

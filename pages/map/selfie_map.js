// The map of selfies as a Streamlit component (v2): no library, nothing to build.
//
// Layers, from below: points and seams (WebGL2, or a plain canvas where there is none), faces (a
// plain canvas), and elements that follow (names, ring, card, marks).  The canvases are painted
// only when the view changes, so hovering draws nothing and asks the server for one small picture.
// Whatever a visitor does stays in the browser; the page hears of it to keep the address bar.
//
// Positions are those of a layout, about 0..1, y downwards.  "Scale" is pixels for a map
// width of 1; "zoom" is scale against the whole map fitted into the frame.
//
// This file makes the parts, says who needs what, and does what concerns several of them.

import { Component, componentOf } from "../shared/component.js";
import { calm, clamp, counted, make } from "../shared/dom.js";
import { Server } from "../shared/server.js";
import { Address } from "./parts/address.js";
import { Card } from "./parts/beside/card.js";
import { Panel } from "./parts/beside/panel.js";
import { Toolbar } from "./parts/beside/toolbar.js";
import { Landmarks } from "./parts/choose/landmarks.js";
import { Lasso } from "./parts/choose/lasso.js";
import { Legend } from "./parts/choose/legend.js";
import { Marks } from "./parts/choose/marks.js";
import { Selection } from "./parts/choose/selection.js";
import { Faces } from "./parts/draw/faces.js";
import { Pictures } from "./parts/draw/pictures.js";
import { Points } from "./parts/draw/points.js";
import { loadSeams } from "./parts/draw/seams.js";
import { Input } from "./parts/input.js";
import { Axes } from "./parts/place/axes.js";
import { layOut } from "./parts/place/layouts.js";
import { boundsOf } from "./parts/place/places.js";
import { View } from "./parts/place/view.js";
import { Pointer } from "./parts/pointer.js";
import { Table } from "./parts/table.js";

const TOOLS = 44; // pixels at the right that the tools would cover
const NEAR = 4; // zoom from which on every photo is drawn, not each so-many-th of a large gallery

const describe = (count) =>
  `Map of ${counted(count, "selfie")}. Arrow keys move from selfie to selfie, Tab to the next ` +
  "nearest, plus and minus zoom, 0 shows the whole map, Enter opens a selfie, Escape lets go.";

class SelfieMap extends Component {
  // A map is of one gallery; for another a new one is made.
  constructor(data) {
    super();
    this.data = data;
    this.makeState(data);
    this.makeLayers(data);
    this.makeControls(data);
    this.build();
    new ResizeObserver(() => this.resize()).observe(this.stage);
  }

  serves({ base }) {
    return base === this.server.base && !this.failed; // the next rerun tries again
  }

  // ---- the parts, and who needs what

  // What is known, where it stands, and what of it is chosen.
  makeState(data) {
    const server = (this.server = new Server(data.base, this.gone.signal));
    const arrived = (whole) => this.arrived(whole);
    const table = (this.table = new Table(server, { ...data, arrived }));
    const view = (this.view = new View({
      count: data.count,
      moved: () => this.moved(),
      freeHeight: () => this.freeHeight,
    }));
    Object.assign(this, { camera: view.camera, places: view.places });
    const landmarks = (this.landmarks = new Landmarks((region) => this.selection.chooseLandmark(region)));
    const lasso = (this.lasso = new Lasso({
      camera: view.camera,
      drawn: () => this.selection.chooseDrawn(),
      kept: () => Boolean(this.selection.group?.from?.region),
    }));
    const shown = {
      group: (group, how) => this.showGroup(group, how),
      selfie: (row, how) => this.showSelfie(row, how),
      nothing: () => this.showNothing(),
    };
    this.selection = new Selection({ places: view.places, table, server, lasso, landmarks, shown });
  }

  // What is drawn, from below.
  makeLayers({ gridCell, runs }) {
    const { view, table, selection, server } = this;
    this.points = new Points(() => this.invalidate());
    this.seams = { on: false };
    this.axes = new Axes();
    this.facesCanvas = make("canvas", "faces");
    this.marks = new Marks();
    const pictures = (this.pictures = new Pictures(server, runs, () => this.invalidate({ faces: true })));
    const marked = (row) => this.marks.rows.has(row) || row === selection.row;
    const faces = (this.faces = new Faces({ view, table, pictures, selection, gridCell, marked }));
    const card = (this.card = new Card(pictures, server));
    const hears = { changed: (row) => this.markPointed(row), say: (text) => this.say(text) };
    this.pointer = new Pointer({ view, faces, selection, table, server, card, ...hears });
  }

  // What hands and keys meet.
  makeControls(data) {
    const { view, table, selection, server, faces, seams, lasso, pointer } = this;
    this.stage = make("div", "stage", {
      tabIndex: 0,
      role: "application",
      ariaRoleDescription: "map",
      ariaLabel: describe(data.count),
    });
    const legend = (this.legend = new Legend(() => this.filter()));
    const act = {
      layout: (kind) => this.changeLayout(kind),
      factor: (name) => this.changeFactor(name),
      colour: (name) => this.changeColour(name),
      search: (text) => selection.search(text),
      found: (text) => this.showFound(text),
      tool: (tool) => this.takeTool(tool),
      seams: (on) => this.showSeams(on),
      faces: (on) => this.showFaces(on),
    };
    this.toolbar = new Toolbar({ view, table, server, act, hasGrid: data.hasGrid });
    const openAll = (row) => this.page.setTriggerValue("clicked", row);
    const link = (row, rows) => this.link(row, rows);
    this.panel = new Panel({ view, table, server, selection, pointer, openAll, link });
    this.input = new Input({
      stage: this.stage,
      signal: this.gone.signal,
      ready: () => table.hue,
      view,
      pointer,
      lasso,
      open: (row) => selection.open(row),
      drop: () => this.takeTool(null),
      escape: () => this.escape(),
    });
    const send = (address) => this.page.setStateValue("address", address);
    this.address = new Address({ view, table, legend, selection, faces, seams, server, act, send });
  }

  build() {
    const { stage, legend, toolbar, card, pointer } = this;
    this.notice = make("div", "notice", "Arranging the selfies …");
    this.says = make("div", "says", { ariaLive: "polite" });
    stage.append(this.points.canvas, this.axes.root, this.facesCanvas, this.marks.root, this.lasso.root);
    stage.append(pointer.openRing, pointer.ring, this.landmarks.root);
    this.frame = make("div", "frame", stage, legend.root, toolbar.tools, card.root, this.notice);
    this.root = make("div", "map", toolbar.root, make("div", "body", this.frame, this.panel.root), this.says);
  }

  leave() {
    super.leave();
    cancelAnimationFrame(this.frameAsked);
    this.pictures.leave();
    this.points.leave();
  }

  // ---- loading

  // Called on every change of the page's data and on a change of theme.
  async show(data) {
    this.data = data;
    this.readTheme();
    try {
      await (this.loading ??= this.load());
      await this.table.have(data.marks.flatMap(({ rows }) => rows));
    } catch (error) {
      if (!this.gone.signal.aborted) this.fail(error);
      return;
    }
    if (data !== this.data || this.gone.signal.aborted) return;
    this.landmarks.show(data.landmarks);
    this.settleLandmarks();
    if (this.marks.show(data.marks)) this.lookAtMarks();
    if (this.paintedOn !== this.quiet) this.paintColours(); // the theme is another
    this.invalidate();
  }

  async load() {
    const { table } = this;
    const { address } = this.data;
    const [kind, factor] = (address.layout || "map").split(":");
    this.factor = table.columnNamed(factor || "brightness", table.measured);
    const colour = table.columnNamed(address.colour);
    const asked = [table.load(), table.colourBy(colour), this.layoutOf(kind)];
    const [, , layout] = await Promise.all(asked);
    if (this.gone.signal.aborted) return;
    this.fillWindow();
    this.legend.show(table.colour, address.only);
    this.selection.filter = this.legend.filter;
    const anew = this.data.drawnAnew && layout.kind === "map";
    if (this.legend.filter || anew) await table.have();
    if (anew) await this.showBefore(layout);
    this.arrange(layout, { travel: this.data.drawnAnew });
    await this.address.restore(address);
  }

  // Shows the photos where they stood before the map was drawn anew: from there they travel.
  async showBefore({ kind, x, y }) {
    const [wasX, wasY] = await this.server.columns(["was_x", "was_y"]).catch(() => [x, y]);
    const known = (row) => Number.isFinite(wasX[row]);
    const from = { x: x.map((now, row) => (known(row) ? wasX[row] : now)), y: y.map((now, row) => (known(row) ? wasY[row] : now)) };
    this.arrange({ kind, ...from }, { travel: false });
  }

  // Falls back to the map where this gallery has no such layout.
  layoutOf(kind) {
    const known = (kind === "grid" && this.data.hasGrid) || (kind === "score" && this.factor) ? kind : "map";
    const { width, height } = this.frameSize;
    const aspect = clamp(width / (height || 1), 0.5, 2.4);
    return layOut(known, this.table, { factor: this.factor, aspect });
  }

  fail(error) {
    this.failed = true;
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
    this.stand(layout, { turned: this.liesBest(layout), travel });
    this.root.dataset.layout = layout.kind;
    this.lasso.clear();
    if (layout.axes) this.legend.toggle(true); // it would cover the axes
    this.axes.show(layout.axes, this.table.columnNamed("score"));
    this.settleLandmarks();
    this.fit();
    this.camera.goHome();
    if (!travel || calm.matches) this.camera.arrive();
    this.invalidate();
  }

  stand(layout, { turned, travel }) {
    this.places.arrange(layout, { turned, travel, now: performance.now() });
    const { toX, toY, fromX, fromY } = this.places;
    this.points.show({ places: { x: toX, y: toY, fromX, fromY } });
    this.renew();
  }

  // More photos are here: they take their places among those that stand.
  arrived(whole) {
    if (!whole) return this.say("Some selfies did not arrive");
    if (this.layout?.kind === "map") this.stand(this.layout, { turned: this.places.turned, travel: false });
  }

  // Whether the whole map is drawn by each so-many-th photo.
  get far() {
    const { camera, places, selection } = this;
    const plain = places.moved === 1 && !selection.filter && !selection.group;
    return plain && this.layout.kind === "map" && camera.zoom < NEAR;
  }

  // Asks for all photos of the part of the map that is in the frame.
  fetchNear() {
    if (this.far || this.layout.kind !== "map") return;
    const [left, top, right, bottom] = this.camera.window(0);
    this.table.haveNear([...this.places.turn(left, top), ...this.places.turn(right, bottom)]);
  }

  async changeLayout(kind) {
    const layout = await this.layoutOf(kind).catch(() => null);
    if (!layout) return this.say("That layout did not arrive");
    this.arrange(layout);
    this.say(`Layout: ${layout.axes ? `score against ${this.factor.title}` : layout.kind}`);
    this.address.keepSoon();
  }

  changeFactor(name) {
    this.factor = this.table.columnNamed(name);
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
    if (!this.layout || !width || !height) return; // not loaded, or out of sight
    this.input.forget(); // another selfie may lie under a mouse that did not move
    if (this.liesBest(this.layout) !== this.places.turned) this.arrange(this.layout, { travel: false });
    this.fit();
    this.invalidate();
  }

  // Fits canvases and camera to the frame.
  fit() {
    const { width, height } = this.frameSize;
    if (!width || !height) return;
    this.sharpness = Math.min(2, devicePixelRatio);
    for (const canvas of [this.points.canvas, this.facesCanvas]) {
      canvas.width = Math.round(width * this.sharpness);
      canvas.height = Math.round(height * this.sharpness);
    }
    const rim = this.layout.axes ? 44 : this.faces.smallestIn(width, height) / 2 + 0.03 * Math.min(width, height);
    this.camera.resize(width, height, this.places.index.bounds, rim, TOOLS);
  }

  // ---- looks

  readTheme() {
    const style = getComputedStyle(this.root);
    this.quiet = style.getPropertyValue("--missing").trim();
    this.ground = style.getPropertyValue("--ground").trim();
  }

  async changeColour(name) {
    const { table } = this;
    const arrived = await table.colourBy(table.columnNamed(name)).then(() => true, () => false);
    if (!arrived) return this.say("Those values did not arrive");
    this.legend.show(table.colour);
    this.legend.toggle(false); // other colours want their meaning said
    this.filter();
  }

  async filter() {
    if (this.legend.filter) await this.table.have();
    this.selection.filter = this.legend.filter;
    this.renew();
    this.address.keepSoon();
  }

  // After a change of what is shown: colours, and who gets a face first.
  renew() {
    const { selection, table } = this;
    this.places.thin((row) => selection.stands(row), table);
    this.paintColours();
    const shown = selection.shownRows().length + (selection.filter ? 0 : table.missing);
    this.legend.count(shown, table.count);
    this.root.dataset.shown = shown;
    this.root.dataset.group = selection.group?.rows.length ?? "";
    this.pressTools();
    this.invalidate();
  }

  paintColours() {
    const { table, places, selection, card } = this;
    table.paint(this.quiet, { has: (row) => places.has(row), stands: (row) => selection.stands(row) });
    this.paintedOn = this.quiet;
    this.points.show({ hue: table.hue });
    if (card.row >= 0) card.fill(table.facts(card.row));
  }

  showFaces(on = !this.faces.on) {
    this.faces.on = on;
    this.pressTools();
    this.invalidate();
    this.address.keepSoon();
  }

  async showSeams(on = !this.seams.on) {
    const { seams } = this;
    seams.on = on && this.data.hasSeams;
    this.pressTools();
    this.address.keepSoon();
    if (seams.on && !this.points.shown.seams) {
      const [arrived] = await Promise.all([loadSeams(this.server).catch(() => null), this.table.have()]);
      if (!arrived) return this.showSeams(false);
      this.points.show({ seams: arrived });
    }
    this.legend.note.textContent = seams.on ? "Red: neighbours that the net holds far apart" : "";
    this.invalidate();
  }

  // How far apart neighbours of the map may stand for a border between them; 0 for no seams.
  get seamReach() {
    if (!this.seams.on || this.places.moved < 1 || this.layout.kind === "score") return 0;
    return this.layout.kind === "grid" ? 1.6 * this.data.gridCell : 1e9;
  }

  pressTools() {
    const { tool } = this.lasso;
    const [kind, factor, colour] = [this.layout?.kind, this.factor?.name, this.table.column?.name];
    this.toolbar.press({ kind, factor, colour, tool, faces: this.faces.on, seams: this.seams.on });
    this.stage.classList.toggle("drawing", Boolean(tool));
  }

  // ---- view

  // Frames new marks and mutes what is around them until one moves on.
  lookAtMarks() {
    const [x, y] = this.marks.placesOn(this.places);
    this.veiled = x.length > 0 && this.layout.kind === "map";
    if (!this.veiled || this.data.address.view) return; // a link to a place goes before
    this.camera.lookAtPart(boundsOf(x, y));
    if (calm.matches || !this.root.dataset.ready) this.camera.arrive();
  }

  moved() {
    this.veiled = false;
    this.invalidate();
    this.address.keepSoon();
  }

  // The part of the frame's height that a sheet over it leaves free, as on a phone.
  get freeHeight() {
    const { height } = this.camera;
    const { root } = this.panel;
    if (root.hidden || getComputedStyle(root).position !== "absolute") return height;
    const covered = this.stage.getBoundingClientRect().bottom - root.getBoundingClientRect().top;
    return Math.max(140, height - covered);
  }

  // ---- painting

  invalidate({ faces = false } = {}) {
    this.stale ||= !faces;
    if (this.frameAsked || !this.table.hue || !this.camera.width) return;
    this.frameAsked = requestAnimationFrame((now) => this.paint(now));
  }

  paint(now) {
    this.frameAsked = 0;
    const { camera, places, sharpness, ground, veiled, view } = this;
    const gliding = camera.step(now - (this.lastFrame ?? now - 16));
    const travelling = places.step(now);
    const every = (view.every = this.far ? this.table.every : 1);
    const moving = gliding || travelling;
    this.lastFrame = moving ? now : null;
    const how = { size: view.pointSize, sharpness, moved: places.eased, reach: this.seamReach, every };
    if (this.stale || moving) this.points.paint(camera, how);
    this.stale = false;
    const arriving = this.faces.paint(this.facesCanvas.getContext("2d"), { now, sharpness, ground, veiled });
    this.placeElements();
    this.report();
    if (moving) this.invalidate();
    else this.fetchNear();
    if (!moving && arriving) this.invalidate({ faces: true });
    if (moving && this.pointer.by === "mouse") this.pointer.at(-1);
    else if (!moving) this.input.hover();
    this.pointer.place();
  }

  placeElements() {
    const { camera, view } = this;
    const rim = this.faces.on ? this.faces.size / 2 : 0;
    this.marks.place(view, rim);
    this.lasso.paint();
    this.landmarks.place(camera, this.places.moved < 1 || this.layout.kind === "score");
    this.axes.place(camera);
  }

  // What tests read.
  report() {
    const { at } = this.camera;
    this.notice.hidden = true;
    Object.assign(this.root.dataset, {
      ready: "1",
      points: this.points.kind,
      imagesShown: this.faces.drawn.length,
      view: [...this.places.turn(at.x, at.y), at.scale].map((value) => value.toFixed(5)).join(","),
      turned: this.places.turned ? "1" : "",
      travelling: this.places.moved < 1 ? "1" : "",
    });
    this.stage.classList.toggle("whole", this.camera.atHome && !this.lasso.tool);
  }

  // ---- what is chosen

  showGroup(group, { look }) {
    this.link(-1, []);
    this.panel.showGroup(group, this.selection.row);
    this.renew();
    this.markOpen();
    this.say(group.title);
    if (look) this.view.lookAtRows(group.rows);
    this.address.keepSoon();
  }

  showSelfie(row, { look }) {
    this.link(-1, []);
    this.card.clear();
    this.panel.showSelfie(row, { inGroup: Boolean(this.selection.group) });
    if (look && this.places.has(row) && this.view.bringIntoView(row)) this.pointer.by = "key";
    this.markOpen();
    this.address.keepSoon();
  }

  showNothing() {
    this.link(-1, []);
    this.panel.close();
    const { input } = this.toolbar.finder;
    input.value = "";
    this.renew();
    this.markOpen();
    this.address.keepSoon();
    if (!input.matches(":focus")) this.stage.focus({ preventScroll: true }); // emptied, one types on
  }

  showFound(text) {
    this.toolbar.finder.input.value = text;
    return this.selection.search(text, { look: false });
  }

  markOpen() {
    this.root.dataset.selfie = this.selection.row < 0 ? "" : this.selection.row;
  }

  markPointed(row) {
    this.root.dataset.hoverRow = row < 0 ? "" : row;
    this.root.classList.toggle("pointed", row >= 0);
  }

  // Thin lines from a row to others.
  link(row, rows) {
    this.marks.link(row, rows.filter((other) => this.places.has(other)));
    this.invalidate();
  }

  say(text) {
    this.says.textContent = text;
  }

  takeTool(tool) {
    this.lasso.tool = this.lasso.tool === tool ? null : tool; // taken again, it is laid down
    this.pressTools();
    this.invalidate();
    if (this.lasso.tool) this.say("Draw round the selfies you mean");
  }

  // Lets go of what was taken last: selfie pointed at, panel.
  escape() {
    if (this.pointer.row >= 0) this.pointer.at(-1);
    else if (!this.panel.root.hidden) this.selection.close();
  }
}

export default componentOf(SelfieMap);

import { make } from "../../../shared/dom.js";
import { CanvasPoints } from "./canvas_points.js";
import { GlPoints } from "./gl_points.js";

// The points and seams of the map, drawn by WebGL2 or, where there is none, on a plain canvas.
// If WebGL goes away later (a sleeping phone, a driver's restart), the plain canvas takes over and
// `changed` hears of it.  Each kind gets a canvas of its own, as one keeps the first context it gave.
export class Points {
  constructor(changed) {
    this.changed = changed;
    this.canvas = make("canvas", "points");
    try {
      this.drawBy(GlPoints);
    } catch {
      this.drawBy(CanvasPoints);
    }
  }

  drawBy(Kind) {
    const { width, height } = this.canvas;
    const canvas = make("canvas", "points", { width, height });
    this.painter = new Kind(canvas, () => this.drawBy(CanvasPoints));
    this.canvas.replaceWith(canvas);
    this.canvas = canvas;
    this.kind = Kind === GlPoints ? "webgl" : "canvas";
    if (this.seams) this.painter.showSeams(this.seams);
    if (this.places) this.painter.move(this.places);
    if (this.hue) this.painter.colour(this.hue);
    this.changed(this.kind);
  }

  // Takes where points stand and where they come from; places are never NaN here.
  move(places) {
    this.places = places;
    this.painter.move(places);
  }

  colour(hue) {
    this.hue = hue;
    this.painter.colour(hue);
  }

  showSeams(seams) {
    this.seams = seams;
    this.painter.showSeams(seams);
  }

  // `size` of a point in pixels; `moved` is the share of the way from where points come from;
  // `reach` is how far apart neighbours may stand for a seam between them, 0 for no seams.
  paint(camera, { size, sharpness, moved, reach }) {
    this.painter.paint(camera, { size, sharpness, moved, reach });
  }

  leave() {
    this.painter.leave();
  }
}

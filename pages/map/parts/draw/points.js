import { make } from "../../../shared/dom.js";
import { CanvasPoints } from "./canvas_points.js";
import { GlPoints } from "./gl_points.js";

// The points and seams of the map, drawn by WebGL2 or, where there is none, on a plain canvas.
// If WebGL goes away later (a sleeping phone, a driver's restart), the plain canvas takes over and
// `changed` hears of it.  Each kind gets a canvas of its own, as one keeps the first context it gave.
export class Points {
  constructor(changed) {
    this.changed = changed;
    this.shown = {};
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
    this.show(this.shown);
    this.changed();
  }

  // Takes where points stand and come from (never NaN), their colours, seams, or some of these.
  show(parts) {
    const { places, hue, seams } = parts;
    if (places) this.painter.move(places);
    if (hue) this.painter.colour(hue);
    if (seams) this.painter.showSeams(seams);
    Object.assign(this.shown, parts);
  }

  // `how` is {size, sharpness, moved, reach, every}: the pixels of a point, the pixels of the screen
  // to one of these, the share of the way from where points come from, how far apart neighbours may
  // stand for a seam between them, 0 for no seams, and of how many points one is drawn.
  paint(camera, how) {
    this.painter.paint(camera, how);
  }

  leave() {
    this.painter.leave?.();
  }
}

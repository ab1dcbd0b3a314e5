import { clamp } from "../../../shared/dom.js";

// Where one looks, and where one is about to look: zooming glides, dragging does not.
export class Camera {
  constructor(mostZoom) {
    this.mostZoom = mostZoom; // against the whole map
    this.at = { x: 0.5, y: 0.5, scale: 1 };
    this.target = { ...this.at };
    this.home = { ...this.at };
    this.width = this.height = 0;
    this.moving = false;
  }

  get zoom() {
    return this.at.scale / this.home.scale;
  }

  get zoomAimed() {
    return this.target.scale / this.home.scale;
  }

  get atHome() {
    const { target, home, zoomAimed } = this;
    const aside = Math.hypot(target.x - home.x, target.y - home.y) * home.scale;
    return zoomAimed < 1.005 && aside < 2;
  }

  // `rim` is kept free around the whole map, `tools` at its right besides, pixels.
  resize(width, height, { left, top, right, bottom }, rim, tools) {
    const [zoom, first, wasHome] = [this.zoomAimed, !this.width, this.atHome];
    const room = (size, extent) => Math.max(60, size - 2 * rim) / Math.max(0.05, extent);
    const scale = Math.min(room(width - tools, right - left), room(height, bottom - top));
    this.home = { x: (left + right + tools / scale) / 2, y: (top + bottom) / 2, scale };
    Object.assign(this, { width, height, bounds: { left, top, right, bottom } });
    if (first || wasHome) this.target = { ...this.home };
    else this.target.scale = scale * zoom;
    this.arrive();
  }

  lookAt(x, y, zoom) {
    this.target = { x, y, scale: this.home.scale * clamp(zoom, 1, this.mostZoom) };
    this.stayInside();
    this.arrive();
  }

  // Frames a part of the map, at most `nearest` times as near as the whole map.
  lookAtPart({ left, top, right, bottom }, nearest = 4) {
    const room = (size, span) => (0.5 * size) / Math.max(1e-6, span);
    const scale = Math.min(room(this.width, right - left), room(this.height, bottom - top));
    this.target = {
      x: (left + right) / 2,
      y: (top + bottom) / 2,
      scale: clamp(scale, this.home.scale, Math.min(nearest, this.mostZoom) * this.home.scale),
    };
    if (scale <= this.home.scale) this.goHome();
  }

  goHome() {
    this.target = { ...this.home };
  }

  zoomBy(factor, x, y) {
    const [mapX, mapY] = this.toMap(x, y);
    const { scale } = this.home;
    const wanted = clamp(this.target.scale * factor, scale, scale * this.mostZoom);
    this.target = {
      x: mapX - (x - this.width / 2) / wanted,
      y: mapY - (y - this.height / 2) / wanted,
      scale: wanted,
    };
    if (wanted <= scale * 1.001) this.goHome(); // zoomed out, the whole map is in the frame
    this.stayInside();
  }

  pan(right, down) {
    this.target = { ...this.at, x: this.at.x - right / this.at.scale, y: this.at.y - down / this.at.scale };
    this.stayInside();
    this.arrive();
  }

  glide(right, down) {
    this.target.x += right / this.target.scale;
    this.target.y += down / this.target.scale;
    this.stayInside();
  }

  arrive() {
    this.at = { ...this.target };
    this.moving = false;
  }

  stayInside() {
    const { left, top, right, bottom } = this.bounds;
    this.target.x = clamp(this.target.x, left, right);
    this.target.y = clamp(this.target.y, top, bottom);
  }

  // Goes a part of the way to the target; true while some is left.
  step(milliseconds) {
    const { at, target } = this;
    const apart = () =>
      Math.abs(Math.log(target.scale / at.scale)) * 300 +
      Math.hypot(target.x - at.x, target.y - at.y) * at.scale;
    if (apart() < 0.5) {
      const moved = this.moving;
      this.arrive();
      return moved;
    }
    const share = 1 - Math.exp(-Math.min(120, milliseconds) / 65);
    const before = at.scale;
    at.scale *= (target.scale / before) ** share;
    // Places go with 1 / scale: so what is under the pointer stays there while zooming.
    const zooming = Math.abs(Math.log(target.scale / before)) > 1e-3;
    const left = zooming ? (1 / at.scale - 1 / target.scale) / (1 / before - 1 / target.scale) : 1 - share;
    at.x = target.x + (at.x - target.x) * left;
    at.y = target.y + (at.y - target.y) * left;
    return (this.moving = true);
  }

  toFrame(x, y) {
    const { at, width, height } = this;
    return [(x - at.x) * at.scale + width / 2, (y - at.y) * at.scale + height / 2];
  }

  toMap(x, y) {
    const { at, width, height } = this;
    return [(x - width / 2) / at.scale + at.x, (y - height / 2) / at.scale + at.y];
  }

  // The part of the map in the frame and a margin around it: left, top, right, bottom.
  window(margin) {
    return [...this.toMap(-margin, -margin), ...this.toMap(this.width + margin, this.height + margin)];
  }
}

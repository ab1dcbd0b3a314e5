import { clamp, make, makeNamedButton } from "../../../shared/dom.js";

const GONE_AT = 7; // zoom at which the names have made way for the photos
const AIR = 10; // pixels between two names

// Regions with a name, as labels over their middle; they fade as one comes nearer.
export class Landmarks {
  constructor(chosen) {
    this.chosen = chosen;
    this.root = make("div", "landmarks");
    this.placed = [];
  }

  show(landmarks) {
    const shown = JSON.stringify(landmarks);
    if (shown === this.shown) return;
    this.shown = shown;
    this.placed = [...landmarks]
      .sort((a, b) => b.count - a.count)
      .map((landmark) => {
        const name = `Select the region “${landmark.name}”`;
        const label = makeNamedButton("landmark", name, () => this.chosen(landmark.region), landmark.name);
        label.title = landmark.why ?? "";
        label.tabIndex = -1; // the region menu of the map reaches them by key
        return { landmark, label, x: landmark.x, y: landmark.y };
      });
    this.root.replaceChildren(...this.placed.map(({ label }) => label));
  }

  // The landmark of a region's number.
  numbered(region) {
    return this.placed.find(({ landmark }) => landmark.region === region)?.landmark;
  }

  // Puts each name at its place on the map.
  restore(places) {
    for (const one of this.placed) [one.x, one.y] = places.turn(one.landmark.x, one.landmark.y);
  }

  // Puts each name over the median of its members, in whatever layout they stand now.
  settle(region, x, y) {
    for (const one of this.placed) {
      const isIn = (row) => region[row] === one.landmark.region && Number.isFinite(x[row]);
      const rows = [...region.keys()].filter(isIn);
      if (!rows.length) continue;
      const median = (values) => rows.map((row) => values[row]).sort((a, b) => a - b)[rows.length >> 1];
      [one.x, one.y] = [median(x), median(y)];
    }
  }

  // The larger region's name stays where two would cover each other.
  place(camera, hidden) {
    const { width, height, zoom } = camera;
    const seen = hidden ? 0 : clamp(1 - Math.log(zoom / 2) / Math.log(GONE_AT / 2), 0, 1);
    this.root.style.opacity = seen;
    this.root.classList.toggle("gone", seen < 0.15);
    if (!seen) return;
    const taken = [];
    for (const one of this.placed) {
      one.half ??= [one.label.offsetWidth / 2, one.label.offsetHeight / 2];
      const [w, h] = one.half;
      const [x, y] = camera.toFrame(one.x, one.y);
      const covered = taken.some((t) => Math.abs(t.x - x) < t.w + w + AIR && Math.abs(t.y - y) < t.h + h + AIR);
      const outside = x < w || y < h || x > width - w || y > height - h;
      one.label.classList.toggle("covered", covered || outside);
      if (covered || outside) continue;
      taken.push({ x, y, w, h });
      one.label.style.transform = `translate(${x - w}px, ${y - h}px)`;
    }
  }
}

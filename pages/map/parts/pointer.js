import { make } from "../../shared/dom.js";

// The selfie that is pointed at, by mouse, finger, key or from the panel: ring, card and words.
// `changed` hears of another row, `say` speaks to those who hear the map.
export class Pointer {
  constructor({ view, faces, selection, table, server, card, changed, say }) {
    Object.assign(this, { view, faces, selection, table, server, card, changed, say });
    this.ring = make("div", "ring");
    this.openRing = make("div", "ring open");
    this.row = -1; // -1 for none
    this.by = "mouse"; // mouse, touch, key or panel
  }

  // The row meant at a place of the frame: the face there, or the nearest uncovered point.
  pick({ x, y }, reach) {
    const { faces, selection, view: { places, camera } } = this;
    if (places.moved < 1) return -1;
    const face = faces.at(x, y);
    if (face) return face.row;
    const bare = (row) => selection.shows(row) && !faces.at(...this.view.inFrame(row));
    const [mapX, mapY] = camera.toMap(x, y);
    return places.index.nearest(mapX, mapY, reach / camera.at.scale, bare);
  }

  at(row, by = this.by) {
    if (row === this.row && by === this.by) return;
    Object.assign(this, { row, by });
    this.changed(row);
    this.ring.classList.toggle("shown", row >= 0);
    if (row < 0 || by === "panel" || row === this.selection.row) this.card.clear();
    else this.card.fill(this.table.facts(row));
    if (row < 0) return this.say("");
    this.card.hint.textContent = by === "touch" ? "Tap again to open" : "";
    if (by === "key") this.tell(row);
    this.place();
  }

  // For those who hear the map: at once what is known here, then what tells.
  async tell(row) {
    const { score, better, own } = this.table.facts(row);
    const facts = [`Selfie ${row + 1}`, score, better, own].filter(Boolean);
    this.say([...facts, "Enter opens it"].join(", "));
    const { factors } = await this.server.about(row).catch(() => ({ factors: [] }));
    const telling = factors.map(({ title, value }) => `${title} ${value}`);
    if (row === this.row && this.by === "key") this.say([...facts, ...telling, "Enter opens it"].join(", "));
  }

  // Puts both rings, of the selfie pointed at and of the open one, and the card where these are.
  place() {
    const { ring, openRing, selection, card } = this;
    openRing.classList.toggle("shown", selection.row >= 0 && selection.row !== this.row);
    if (selection.row >= 0) this.put(openRing, selection.row);
    if (this.row < 0) return;
    const { x, y, side } = this.put(ring, this.row);
    card.place(x, y, side / 2 + 4);
  }

  put(ring, row) {
    const [x, y] = this.view.inFrame(row);
    const { side, radius } = this.faces.outline(row) ?? { side: this.view.pointSize + 5, radius: 99 };
    ring.style.width = ring.style.height = `${side}px`;
    ring.style.borderRadius = `${radius}px`;
    ring.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`;
    return { x, y, side };
  }

  // What keys can go to: faces of this view and around it, or points where no faces are drawn.
  candidates() {
    const { faces, selection, view: { places, camera } } = this;
    const found = faces.inView(Math.max(camera.width, camera.height) / 2);
    if (found.length) return found;
    places.index.visit(...camera.window(200), (row) => {
      if (!selection.shows(row)) return;
      const [x, y] = this.view.inFrame(row);
      found.push({ row, x, y });
    });
    return found;
  }
}

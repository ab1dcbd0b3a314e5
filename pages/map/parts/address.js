const SETTLED = 400; // ms without movement before the address bar takes the view

// What a link keeps and brings back: place, zoom, colour, filter, layout, selection.
export class Address {
  constructor(map) {
    this.map = map;
    this.send = () => {}; // tells the page
  }

  leave() {
    clearTimeout(this.timer);
  }

  // After colour, filter and layout, which are loaded with the map, all the rest.
  async restore({ view, faces, seams, find, region, selfie }) {
    const { map } = this;
    const [x, y, zoom] = (view ?? "").split(",").map(Number);
    if (view && [x, y, zoom].every(Number.isFinite) && zoom > 0) map.camera.lookAt(...map.places.turn(x, y), zoom);
    if (faces === "off") map.showFaces(false);
    if (seams === "on") map.showSeams(true);
    if (find) await map.selection.search(find, { look: false });
    else if (region) await map.selection.restore(region);
    if (selfie) {
      const [row] = await map.server.find(selfie).catch(() => []);
      if (row !== undefined) map.selection.open(row, { look: false });
    }
    this.kept = JSON.stringify(await this.now());
  }

  // What is as at the beginning is left out.
  async now() {
    const { layout, factor, column, selection, data, legend, server, withFaces, withSeams } = this.map;
    const kind = layout.kind === "score" ? `score:${factor.name}` : layout.kind;
    const open = selection.row < 0 ? null : await server.about(selection.row).catch(() => null);
    return {
      view: this.view,
      colour: column.name === data.columns[0].name ? "" : column.name,
      layout: kind === "map" ? "" : kind,
      only: legend.text,
      faces: withFaces ? "" : "off",
      seams: withSeams ? "on" : "",
      ...selection.address,
      selfie: open?.id ?? "",
    };
  }

  get view() {
    const { target, zoomAimed, atHome } = this.map.camera;
    const [x, y] = this.map.places.turn(target.x, target.y);
    return atHome ? "" : [x.toFixed(4), y.toFixed(4), zoomAimed.toFixed(2)].join(",");
  }

  keepSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const address = await this.now();
      const text = JSON.stringify(address);
      if (text === this.kept || this.map.gone.signal.aborted) return;
      this.kept = text;
      this.send(address);
    }, SETTLED);
  }
}

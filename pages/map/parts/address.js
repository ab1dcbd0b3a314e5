const SETTLED = 400; // ms without movement before the address bar takes the view

// What a link keeps and brings back: place, zoom, colour, filter, layout, selection.  It is
// written here: by way of the server it would arrive after one had gone on to another page.
// `send` tells the page, which remembers it; `act` is what the toolbar does.
export class Address {
  constructor({ view, table, legend, selection, faces, seams, server, act, send }) {
    const { camera, places } = view;
    Object.assign(this, { camera, places, table, legend, selection, faces, seams, server, act, send });
    this.path = location.pathname;
  }

  // After colour, filter and layout, which are loaded with the map, all the rest.
  async restore({ view, faces, seams, find, region, selfie }) {
    const [x, y, zoom] = (view ?? "").split(",").map(Number);
    const sound = view && [x, y, zoom].every(Number.isFinite) && zoom > 0;
    if (sound) this.camera.lookAt(...this.places.turn(x, y), zoom);
    if (faces === "off") this.act.faces(false);
    if (seams === "on") this.act.seams(true);
    if (find) await this.act.found(find);
    else if (region) await this.selection.restore(region);
    if (selfie) {
      const [row] = await this.server.find(selfie).catch(() => []);
      if (row !== undefined) await this.selection.open(row, { look: false });
    }
    this.kept = JSON.stringify(await this.now());
  }

  // What is as at the beginning is left out.
  async now() {
    const { table, selection, places: { layout } } = this;
    const kind = layout.axes ? `score:${layout.axes.factor.name}` : layout.kind;
    const { target, zoomAimed, atHome } = this.camera;
    const place = this.places.turn(target.x, target.y).map((value) => value.toFixed(4));
    const open = selection.row < 0 ? null : await this.server.about(selection.row).catch(() => null);
    return {
      view: atHome ? "" : [...place, zoomAimed.toFixed(2)].join(","),
      colour: table.column === table.columns[0] ? "" : table.column.name,
      layout: kind === "map" ? "" : kind,
      only: this.legend.text,
      faces: this.faces.on ? "" : "off",
      seams: this.seams.on ? "on" : "",
      find: "",
      region: "",
      ...selection.group?.from,
      selfie: open?.id ?? "",
    };
  }

  keepSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const address = await this.now();
      const text = JSON.stringify(address);
      if (text === this.kept || this.server.signal.aborted) return;
      this.kept = text;
      this.write(address);
      this.send(address);
    }, SETTLED);
  }

  write(address) {
    const url = new URL(location.href);
    if (url.pathname !== this.path) return; // on the way to another page
    for (const [name, value] of Object.entries(address)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(history.state, "", url);
  }
}

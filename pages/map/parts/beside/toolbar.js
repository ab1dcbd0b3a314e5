import { icon, make, makeNamedButton } from "../../../shared/dom.js";
import { SearchBox } from "../../../shared/search_box.js";

const LAYOUTS = { map: "Map", grid: "Grid", score: "Score" };

const ICONS = {
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  whole: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  photos: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z",
  lasso: "M10 4c4 0 7 2 7 4.6S14 13 10 13 3 11.200 3 8.600 6 4 10 4M6 12.400c-1.600.800-1.400 2.600.200 2.600s1.800 2-.700 2.300",
  box: "M4 6V4h2M9 4h2M14 4h2v2M16 9v2M16 14v2h-2M11 16H9M6 16H4v-2M4 11V9",
  seams: "M3 6l4 3 3-5 4 6 3-2M3 14l4-3 4 5 3-4 3 3",
};

// The line above the map (layout, colour, search) and the column of tools on it.  It holds what
// is chosen; what that means is the map's affair: `act` has layout, factor, colour, search, tool,
// seams and faces.
export class Toolbar {
  constructor({ view, table, server, act, hasGrid }) {
    Object.assign(this, { view, act });
    this.factor = this.makeSelect("Against", "factor", table.measured, act.factor);
    this.colour = this.makeSelect("Colour by", "colour", table.columns, act.colour);
    const has = { map: true, grid: hasGrid, score: table.measured.length > 0 };
    this.root = make("div", "bar-top", this.makeLayouts(has), this.colour.field, this.makeSearch(server));
    this.tools = this.makeTools(table);
  }

  makeLayouts(has) {
    this.layouts = Object.entries(LAYOUTS).map(([kind, title]) => {
      const own = { hidden: !has[kind], dataset: { layout: kind } };
      return makeNamedButton("segment", `Layout: ${title}`, () => this.act.layout(kind), own, title);
    });
    const group = make("div", "segments", { role: "group", ariaLabel: "Layout" }, ...this.layouts);
    return make("div", "layouts", group, this.factor.field);
  }

  makeSelect(title, name, columns, changed) {
    const options = columns.map((column) => make("option", "", { value: column.name }, column.title));
    const own = { ariaLabel: title, onchange: () => changed(select.value) };
    const select = make("select", `choice ${name}`, own, ...options);
    return { select, field: make("label", "field", make("span", "", title), select) };
  }

  makeSearch(server) {
    const search = (text) => this.act.search(text);
    this.finder = new SearchBox({ server, name: "Search photos", sought: search, typed: search });
    return make("div", "field grows", this.finder.root);
  }

  makeTools({ hasSeams }) {
    const { view, act } = this;
    const tool = (name, path, done, kind = "") => makeNamedButton(`tool ${kind}`, name, done, icon(path));
    this.lasso = tool("Draw round a region", ICONS.lasso, () => act.tool("lasso"));
    this.box = tool("Draw a box", ICONS.box, () => act.tool("box"));
    this.seams = tool("Seams: where neighbours differ most", ICONS.seams, () => act.seams());
    this.seams.hidden = !hasSeams;
    this.photos = tool("Show photos", ICONS.photos, () => act.faces());
    const closer = tool("Zoom in", ICONS.plus, () => view.zoomBy(2), "by-hand");
    const farther = tool("Zoom out", ICONS.minus, () => view.zoomBy(0.5), "by-hand");
    const whole = tool("Show the whole map", ICONS.whole, () => view.goHome());
    return make("div", "tools", closer, farther, whole, this.lasso, this.box, this.seams, this.photos);
  }

  press({ kind, factor, colour, tool, faces, seams }) {
    for (const button of this.layouts) button.ariaPressed = button.dataset.layout === kind;
    this.factor.field.hidden = kind !== "score";
    this.factor.select.value = factor;
    this.colour.select.value = colour;
    const pressed = { lasso: tool === "lasso", box: tool === "box", photos: faces, seams };
    for (const [name, on] of Object.entries(pressed)) this[name].ariaPressed = on;
  }
}

import { icon, make, makeNamedButton } from "../../../shared/dom.js";
import { TITLES } from "../place/layouts.js";

const TYPED = 250; // ms without a key before a search begins

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
  constructor({ view, act }) {
    Object.assign(this, { view, act });
    this.root = make("div", "bar-top", this.makeLayouts(), this.makeColour(), this.makeSearch());
    this.tools = this.makeTools();
  }

  makeLayouts() {
    this.layoutButtons = Object.entries(TITLES).map(([kind, title]) => {
      const button = makeNamedButton("segment", `Layout: ${title}`, () => this.act.layout(kind), title);
      button.dataset.layout = kind;
      return button;
    });
    const group = make("div", "segments", { role: "group", ariaLabel: "Layout" }, ...this.layoutButtons);
    this.factor = this.makeSelect("Against", "factor", this.act.factor);
    return make("div", "layouts", group, this.factor.field);
  }

  makeColour() {
    this.colour = this.makeSelect("Colour by", "colour", this.act.colour);
    return this.colour.field;
  }

  makeSelect(title, name, changed) {
    const select = make("select", `choice ${name}`, { ariaLabel: title, onchange: () => changed(select.value) });
    return { select, field: make("label", "field", make("span", "", title), select) };
  }

  makeSearch() {
    const name = "Find an id, user or tag";
    this.search = make("input", "search", { type: "search", placeholder: name, ariaLabel: name });
    const begin = () => this.act.search(this.search.value.trim());
    this.search.addEventListener("input", () => {
      clearTimeout(this.typed);
      this.typed = setTimeout(begin, TYPED);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") begin();
      event.stopPropagation(); // letters are words here, not shortcuts of the page
    });
    return make("div", "field grows", this.search);
  }

  makeTools() {
    const { view, act } = this;
    const tool = (name, path, done) => makeNamedButton("tool", name, done, icon(path));
    this.lasso = tool("Draw round a region", ICONS.lasso, () => act.tool("lasso"));
    this.box = tool("Draw a box", ICONS.box, () => act.tool("box"));
    this.seams = tool("Seams: where neighbours differ most", ICONS.seams, act.seams);
    this.photos = tool("Show photos", ICONS.photos, act.faces);
    const zoom = [
      tool("Zoom in", ICONS.plus, () => view.zoomBy(2)),
      tool("Zoom out", ICONS.minus, () => view.zoomBy(0.5)),
    ];
    zoom.forEach((button) => button.classList.add("by-hand"));
    const whole = tool("Show the whole map", ICONS.whole, () => view.goHome());
    return make("div", "tools", ...zoom, whole, this.lasso, this.box, this.seams, this.photos);
  }

  // Fills the menus with what this gallery has.
  offer({ columns, hasGrid, hasSeams }) {
    const options = (list) => list.map(({ name, title }) => make("option", "", { value: name }, title));
    this.colour.select.replaceChildren(...options(columns));
    this.factor.select.replaceChildren(...options(columns.filter(({ scale }) => scale && scale !== "score")));
    this.seams.hidden = !hasSeams;
    for (const button of this.layoutButtons) {
      if (button.dataset.layout === "grid") button.hidden = !hasGrid;
      if (button.dataset.layout === "score") button.hidden = !this.factor.select.length;
    }
  }

  press({ kind, factor, colour, tool, faces, seams }) {
    for (const button of this.layoutButtons) button.ariaPressed = button.dataset.layout === kind;
    this.factor.field.hidden = kind !== "score";
    this.factor.select.value = factor;
    this.colour.select.value = colour;
    const pressed = { lasso: tool === "lasso", box: tool === "box", photos: faces, seams };
    for (const [name, on] of Object.entries(pressed)) this[name].ariaPressed = on;
  }
}

import { make, makeButton } from "../basics.js";
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
// is chosen; what that means is the map's affair.
export class Toolbar {
  constructor(map) {
    this.map = map;
    this.root = make("div", "bar-top", this.makeLayouts(), this.makeColour(), this.makeSearch());
    this.tools = this.makeTools();
  }

  makeLayouts() {
    this.layoutButtons = Object.entries(TITLES).map(([kind, title]) => {
      const button = makeButton("segment", `Layout: ${title}`, null, () => this.map.changeLayout(kind), title);
      button.dataset.layout = kind;
      return button;
    });
    const group = make("div", "segments", ...this.layoutButtons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Layout");
    this.factor = this.makeSelect("Against", "factor", (name) => this.map.changeFactor(name));
    return make("div", "layouts", group, this.factor.field);
  }

  makeColour() {
    this.colour = this.makeSelect("Colour by", "colour", (name) => this.map.changeColour(name));
    return this.colour.field;
  }

  makeSelect(title, name, changed) {
    const select = make("select", `choice ${name}`);
    select.setAttribute("aria-label", title);
    select.addEventListener("change", () => changed(select.value));
    const field = make("label", "field", make("span", "", title), select);
    return { select, field };
  }

  makeSearch() {
    this.search = make("input", "search");
    Object.assign(this.search, { type: "search", placeholder: "Find an id, user or tag" });
    this.search.setAttribute("aria-label", "Find an id, user or tag");
    const begin = () => this.map.selection.search(this.search.value.trim());
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
    const { map } = this;
    const tool = (name, icon, act) => makeButton("tool", name, ICONS[icon], act);
    this.lasso = tool("Draw round a region", "lasso", () => map.takeTool("lasso"));
    this.box = tool("Draw a box", "box", () => map.takeTool("box"));
    this.seams = tool("Seams: where neighbours differ most", "seams", () => map.showSeams(!map.withSeams));
    this.photos = tool("Show photos", "photos", () => map.showFaces(!map.withFaces));
    const zoom = [tool("Zoom in", "plus", () => map.zoomBy(2)), tool("Zoom out", "minus", () => map.zoomBy(0.5))];
    zoom.forEach((button) => button.classList.add("by-hand"));
    const whole = tool("Show the whole map", "whole", () => map.goHome());
    return make("div", "tools", ...zoom, whole, this.lasso, this.box, this.seams, this.photos);
  }

  // Fills the menus with what this gallery has.
  offer({ columns, hasGrid, hasSeams }) {
    const options = (list) => list.map(({ name, title }) => Object.assign(make("option", "", title), { value: name }));
    this.colour.select.replaceChildren(...options(columns));
    this.factor.select.replaceChildren(...options(columns.filter(({ scale }) => scale && scale !== "score")));
    this.seams.hidden = !hasSeams;
    for (const button of this.layoutButtons) {
      if (button.dataset.layout === "grid") button.hidden = !hasGrid;
      if (button.dataset.layout === "score") button.hidden = !this.factor.select.length;
    }
  }

  press({ kind, factor, colour, tool, faces, seams }) {
    for (const button of this.layoutButtons) button.setAttribute("aria-pressed", String(button.dataset.layout === kind));
    this.factor.field.hidden = kind !== "score";
    this.factor.select.value = factor;
    this.colour.select.value = colour;
    const pressed = { lasso: tool === "lasso", box: tool === "box", photos: faces, seams };
    for (const [name, on] of Object.entries(pressed)) this[name].setAttribute("aria-pressed", String(on));
  }
}

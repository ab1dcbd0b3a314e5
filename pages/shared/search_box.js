import { Component, componentOf } from "./component.js";
import { counted, make, makeButton } from "./dom.js";
import { Server } from "./server.js";

const TYPED = 150; // ms without a key before suggestions are asked for
let boxes = 0; // made so far: their lists need names of their own

// A box to search a gallery.  As one types it says how many photos that finds, and suggests what
// the gallery knows, each with its number.  `sought` hears a text that was entered or picked;
// `typed` one that is being typed.  `ways` are other places to take a text to: name -> function.
export class SearchBox {
  constructor({ server, name, sought, typed = () => {}, ways = {} }) {
    Object.assign(this, { server, sought, typed });
    const id = `found-${boxes++}`;
    this.input = make("input", "search", { type: "search", placeholder: name, ariaLabel: name, role: "combobox" });
    Object.assign(this.input, { autocomplete: "off", ariaAutoComplete: "list", ariaExpanded: "false", maxLength: 200 });
    this.input.setAttribute("aria-controls", id);
    this.count = make("span", "count", { role: "status" });
    this.ways = Object.entries(ways).map(([name, go]) => makeButton("way", () => go(this.text), name));
    this.head = make("div", "found-head", this.count, ...this.ways);
    this.list = make("div", "options", { id, role: "listbox", ariaLabel: "Suggestions" });
    this.pop = make("div", "found", { hidden: true }, this.head, this.list);
    this.root = make("div", "search-box", this.input, this.pop);
    this.listen();
  }

  get text() {
    return this.input.value.trim();
  }

  listen() {
    const { input, pop } = this;
    input.addEventListener("input", () => this.askSoon());
    input.addEventListener("focus", () => {
      input.select();
      this.ask();
    });
    input.addEventListener("keydown", (event) => this.press(event));
    this.root.addEventListener("focusout", ({ relatedTarget }) => this.root.contains(relatedTarget) || this.fold());
    // A press in the list leaves the focus in the box.
    pop.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => this.take(target.closest(".option")?.dataset.text));
  }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.ask();
      this.typed(this.text);
    }, TYPED);
  }

  async ask() {
    const { text } = this;
    const answer = await this.server.json(`suggest.json?text=${encodeURIComponent(text)}`).catch(() => null);
    if (!answer || text !== this.text || !this.input.matches(":focus")) return;
    this.show(text, answer);
  }

  show(text, { found, suggestions }) {
    const told = suggestions.filter((one) => one.text.toLowerCase() !== text.toLowerCase());
    const meant = found || !told.length ? "" : "; did you mean";
    this.count.textContent = text ? `${counted(found)} found${meant}` : "Search for what is in a photo";
    for (const way of this.ways) way.hidden = !found;
    this.options = told.map((one, place) => {
      const own = { id: `${this.list.id}-${place}`, role: "option", dataset: { text: one.text } };
      return make("div", "option", own, make("span", "", one.text), make("span", "number", counted(one.found)));
    });
    this.list.replaceChildren(...this.options);
    this.at = -1;
    this.pop.hidden = false;
    this.input.ariaExpanded = "true";
  }

  fold() {
    clearTimeout(this.timer);
    this.pop.hidden = true;
    this.input.ariaExpanded = "false";
    this.input.removeAttribute("aria-activedescendant");
  }

  press(event) {
    event.stopPropagation(); // letters are words here, not shortcuts of the page
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && !this.pop.hidden) {
      event.preventDefault();
      this.move(steps[event.key]);
    } else if (event.key === "Enter") {
      this.take(this.options?.[this.at]?.dataset.text ?? this.text);
    } else if (event.key === "Escape" && !this.pop.hidden) {
      event.preventDefault(); // which would empty the box
      this.fold();
    }
  }

  move(step) {
    const places = this.options.length + 1; // one of them is the box
    this.at = ((this.at + 1 + step + places) % places) - 1;
    this.options.forEach((option, place) => (option.ariaSelected = String(place === this.at)));
    const option = this.options[this.at];
    this.input.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  take(text) {
    if (text === undefined) return;
    this.input.value = text;
    this.fold();
    this.sought(text);
  }
}

// The box by itself: what is sought goes to the page, and to which of its ways.
class SoughtBox extends Component {
  constructor({ base, name, ways, text, inside }) {
    super();
    const go = (way) => (text) => this.page.setTriggerValue("sought", { text, way });
    const others = Object.fromEntries(ways.map((way) => [way, go(way)]));
    this.base = base;
    const server = new Server(base, this.gone.signal);
    this.box = new SearchBox({ server, name, sought: go(ways[0] ?? ""), ways: others });
    this.root = this.box.root;
    this.root.classList.toggle("inside", inside);
    this.show({ text });
  }

  serves({ base }) {
    return base === this.base;
  }

  show({ text }) {
    if (text !== this.given) this.box.input.value = text;
    this.given = text;
  }
}

export default componentOf(SoughtBox);

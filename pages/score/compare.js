// Two pictures of one photo, one over the other, and a line to wipe between them, as a
// Streamlit component (v2).  The line is a range input: pointer, touch and arrow keys come with it.

import { Component, componentOf } from "../shared/component.js";
import { make } from "../shared/dom.js";

class Compare extends Component {
  constructor() {
    super();
    this.layers = ["before", "after"].map((name) => {
      // The picture keeps its shape; what it leaves of the stage is filled with a blur of itself.
      const pictures = [make("img", "fill", { alt: "" }), make("img", "whole", { alt: "" })];
      return { pictures, badge: make("span", "badge"), name };
    });
    const layers = this.layers.map((l) => make("div", `layer ${l.name}`, ...l.pictures, l.badge));
    const wipe = () => this.wipe();
    this.line = make("input", "", { type: "range", min: 0, max: 100, step: 0.5, value: 50, oninput: wipe });
    this.stage = make("div", "stage", ...layers, this.line, make("i", "bar"));
    this.root = make("div", "root compare", this.stage);
  }

  show(data) {
    this.stage.style.setProperty("--aspect", data.aspect);
    this.stage.style.setProperty("--rim", `${data.rim}%`); // of a border: so far inside lies the one without
    for (const { pictures, badge, name } of this.layers) {
      const { picture, label, score } = data[name];
      for (const image of pictures) if (image.src !== picture) image.src = picture;
      badge.replaceChildren(label, ...(score ? [" ", make("b", "", score)] : []));
    }
    this.line.ariaLabel = `${data.before.label} and ${data.after.label}: wipe between them`;
    this.wipe();
  }

  wipe() {
    this.stage.style.setProperty("--at", `${this.line.value}%`);
  }
}

export default componentOf(Compare);

// Two pictures of one photo, one over the other, and a line to wipe between them, as a
// Streamlit component (v2).  The line is a range input: pointer, touch and arrow keys come with it.

export default function ({ data, parentElement }) {
  const compare = (parentElement.scoreCompare ??= new Compare(parentElement));
  compare.show(data);
  return () => {
    compare.root.remove();
    delete parentElement.scoreCompare;
  };
}

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
};

class Compare {
  constructor(parent) {
    this.layers = ["before", "after"].map((name) => {
      // The picture keeps its shape; what it leaves of the stage is filled with a blur of itself.
      const pictures = [make("img", "fill"), make("img", "whole")];
      for (const picture of pictures) picture.alt = "";
      return { pictures, badge: make("span", "badge"), name };
    });
    const layers = this.layers.map((l) => make("div", `layer ${l.name}`, ...l.pictures, l.badge));
    this.line = document.createElement("input");
    Object.assign(this.line, { type: "range", min: 0, max: 100, step: 0.5, value: 50 });
    this.stage = make("div", "stage", ...layers, this.line, make("i", "bar"));
    this.root = make("div", "root compare", this.stage);
    parent.append(this.root);
    this.line.addEventListener("input", () => this.wipe());
  }

  show(data) {
    this.stage.style.setProperty("--aspect", data.aspect);
    for (const { pictures, badge, name } of this.layers) {
      const { picture, label, score } = data[name];
      for (const image of pictures) if (image.src !== picture) image.src = picture;
      badge.replaceChildren(label, ...(score ? [" ", make("b", "", score)] : []));
    }
    this.line.setAttribute("aria-label", `${data.before.label} and ${data.after.label}: wipe between them`);
    this.wipe();
  }

  wipe() {
    this.stage.style.setProperty("--at", `${this.line.value}%`);
  }
}

// Patches of photos as a Streamlit component (v2): each a button that sends its photo on.

import { Component, componentOf } from "../shared/component.js";
import { make, makeNamedButton } from "../shared/dom.js";

class Patches extends Component {
  constructor() {
    super();
    this.root = make("div", "patches", { role: "group" });
  }

  show({ label, side, sheet, patches }) {
    this.root.ariaLabel = label;
    this.root.style.setProperty("--side", `${side}px`);
    const buttons = patches.map(({ says, row, spot }, n) => {
      const button = makeNamedButton("", says, () => this.page.setTriggerValue("clicked", row));
      button.style.backgroundImage = `url(${sheet})`;
      button.style.backgroundSize = `${100 * patches.length}% 100%`;
      button.style.backgroundPositionX = `${(100 * n) / Math.max(1, patches.length - 1)}%`;
      if (!spot) return button;
      const [left, top, width] = spot;
      const style = `left:${left}%;top:${top}%;width:${width}%;height:${width}%`;
      button.append(make("i", "", { style }));
      return button;
    });
    this.root.replaceChildren(...buttons);
  }
}

export default componentOf(Patches);

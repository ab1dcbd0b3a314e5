// Patches of photos as a Streamlit component (v2): each a button that sends its photo on.

import { make, makeNamedButton } from "../shared/dom.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".patches");
  root.ariaLabel = data.label;
  root.style.setProperty("--side", `${data.side}px`);
  root.replaceChildren(
    ...data.patches.map((patch, n) => {
      const button = makeNamedButton("", patch.says, () => setTriggerValue("clicked", patch.row));
      button.style.backgroundImage = `url(${data.sheet})`;
      button.style.backgroundSize = `${100 * data.patches.length}% 100%`;
      button.style.backgroundPositionX = `${(100 * n) / Math.max(1, data.patches.length - 1)}%`;
      if (patch.spot) {
        const [left, top, side] = patch.spot;
        const style = `left:${left}%;top:${top}%;width:${side}%;height:${side}%`;
        button.append(make("i", "", { style }));
      }
      return button;
    }),
  );
}

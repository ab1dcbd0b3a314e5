// Patches of photos as a Streamlit component (v2): each a button that sends its photo on.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".patches");
  root.setAttribute("aria-label", data.label);
  root.style.setProperty("--side", `${data.side}px`);
  root.replaceChildren(
    ...data.patches.map((patch, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", patch.says);
      button.title = patch.says;
      button.style.backgroundImage = `url(${data.sheet})`;
      button.style.backgroundSize = `${100 * data.patches.length}% 100%`;
      button.style.backgroundPositionX = `${(100 * n) / Math.max(1, data.patches.length - 1)}%`;
      if (patch.spot) {
        const spot = document.createElement("i");
        const [left, top, side] = patch.spot;
        Object.assign(spot.style, { left: `${left}%`, top: `${top}%`, width: `${side}%`, height: `${side}%` });
        button.append(spot);
      }
      button.onclick = () => setTriggerValue("clicked", patch.row);
      return button;
    }),
  );
}

import { SelfieGrid } from "./grid.js";
import { RankedGrid } from "./ranked_grid.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const Grid = data.ranked ? RankedGrid : SelfieGrid;
  const grid = (parentElement.selfieGrid ??= new Grid(parentElement));
  grid.open = (row) => setTriggerValue("clicked", row);
  grid.star = (row) => setTriggerValue("starred", row);
  grid.show(data);
  return () => {
    grid.leave();
    delete parentElement.selfieGrid;
  };
}

// The photos of a burst, best first, as a Streamlit component (v2): real buttons; those of one
// moment carry one colour and light up together.

import { Component, componentOf } from "../shared/component.js";
import { make, makeButton } from "../shared/dom.js";

class Burst extends Component {
  constructor() {
    super();
    this.cells = make("div", "cells");
    this.root = make("div", "root burst", this.cells);
    for (const [over, out] of [["pointerover", "pointerleave"], ["focusin", "focusout"]]) {
      this.cells.addEventListener(over, (e) => this.light(e.target.closest(".shot")?.dataset.group));
      this.cells.addEventListener(out, () => this.light());
    }
  }

  show({ shots, colours }) {
    if (shots.length === this.shots?.length && shots.every((shot, n) => isLike(shot, this.shots[n]))) return;
    this.shots = shots;
    this.cells.replaceChildren(...shots.map((shot) => this.makeShot(shot, colours)));
  }

  light(group) {
    const shots = [...this.cells.children];
    const many = Number(group) > 0 && shots.filter((shot) => shot.dataset.group === group).length > 1;
    this.cells.classList.toggle("lit", many);
    for (const shot of shots) shot.classList.toggle("same", many && shot.dataset.group === group);
  }

  makeShot({ file, group, picture, place, score, name, moment, best }, colours) {
    const image = make("img", "", { src: picture, alt: "" });
    const mark = make("span", "moment", ...(moment ? [make("i"), moment] : []));
    const line = make("span", "line", make("b", "", score), make("span", "name", name));
    const open = () => {
      this.page.setTriggerValue("opened", file);
      this.returnTo(shot);
    };
    const ariaLabel = [`rank ${place}`, name, score, moment].filter(Boolean).join(", ");
    const parts = [image, make("span", "place", String(place)), line, mark];
    const shot = makeButton("shot", open, { ariaLabel, dataset: { file, group } }, ...parts);
    shot.style.setProperty("--mark", colours[(group - 1) % colours.length]);
    shot.toggleAttribute("data-best", best);
    return shot;
  }
}

// Phones call every photo image.jpg: all that is shown of two must agree, the picture too.
const isLike = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

export default componentOf(Burst);

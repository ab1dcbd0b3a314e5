// The photos of a burst, best first, as a Streamlit component (v2): real buttons; those of one
// moment carry one colour and light up together.

export default function ({ data, parentElement, setTriggerValue }) {
  const burst = (parentElement.scoreBurst ??= new Burst(parentElement));
  burst.open = (file) => setTriggerValue("opened", file);
  burst.show(data);
  return () => {
    burst.root.remove();
    delete parentElement.scoreBurst;
  };
}

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
};

class Burst {
  constructor(parent) {
    this.cells = make("div", "cells");
    this.root = make("div", "root burst", this.cells);
    parent.append(this.root);
    const shotOf = (event) => event.target.closest(".shot");
    for (const [over, out] of [["pointerover", "pointerleave"], ["focusin", "focusout"]]) {
      this.cells.addEventListener(over, (e) => this.light(shotOf(e)?.dataset.group));
      this.cells.addEventListener(out, () => this.light());
    }
    this.cells.addEventListener("click", (e) => shotOf(e) && this.open(Number(shotOf(e).dataset.file)));
  }

  show({ shots, colours }) {
    const wanted = JSON.stringify(shots.map((shot) => [shot.file, shot.name, shot.place]));
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.cells.replaceChildren(...shots.map((shot) => makeShot(shot, colours)));
  }

  light(group) {
    const shots = [...this.cells.children];
    const many = Number(group) > 0 && shots.filter((shot) => shot.dataset.group === group).length > 1;
    this.cells.classList.toggle("lit", many);
    for (const shot of shots) shot.classList.toggle("same", many && shot.dataset.group === group);
  }
}

function makeShot({ file, group, picture, place, score, name, moment, best }, colours) {
  const image = make("img", "");
  image.src = picture;
  image.alt = "";
  const mark = make("span", "moment", ...(moment ? [make("i", ""), moment] : []));
  const line = make("span", "line", make("b", "", score), make("span", "name", name));
  const shot = make("button", "shot", image, make("span", "place", String(place)), line, mark);
  shot.type = "button";
  shot.dataset.file = file;
  shot.dataset.group = group;
  shot.style.setProperty("--mark", colours[(group - 1) % colours.length]);
  shot.toggleAttribute("data-best", best);
  shot.setAttribute("aria-label", [`rank ${place}`, name, score, moment].filter(Boolean).join(", "));
  return shot;
}

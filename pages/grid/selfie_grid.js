// A grid of selfies as a Streamlit component (v2): all on one sheet, so that 240 photos cost one
// request and still reflow to any width.

import { componentOf } from "../shared/component.js";
import { counted, make } from "../shared/dom.js";
import { Grid } from "./grid.js";

class SelfieGrid extends Grid {
  constructor() {
    super();
    // A grid far below the fold fetches its sheet when it comes near.
    this.near = new Promise((resolve) => {
      const look = (seen) => seen.some((one) => one.isIntersecting) && resolve();
      new IntersectionObserver(look, { rootMargin: "600px", scrollMargin: "600px" }).observe(this.root);
    });
  }

  // Draws what `data` asks for; the old pictures stay until the new sheet has arrived.
  async show(data) {
    this.root.style.setProperty("--columns", data.columns);
    this.root.style.setProperty("--smallest", `${data.smallest}px`);
    const wanted = JSON.stringify([data.sheet, data.rows, data.captions, data.scores, data.spreads]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (!this.data) this.fill(data);
    await this.near;
    this.root.toggleAttribute("data-loading", !("ready" in this.root.dataset));
    const sheet = make("img", "", { src: data.sheet });
    const arrived = await sheet.decode().then(() => true, () => false);
    if (wanted !== this.wanted || this.gone.signal.aborted) return;
    this.root.removeAttribute("data-loading");
    if (!arrived) return this.fail();
    if (this.data !== data) this.fill(data);
    this.root.style.setProperty("--sheet", `url("${data.sheet}")`);
    requestAnimationFrame(() => (this.root.dataset.ready = ""));
  }

  fill(data) {
    this.data = data;
    this.point(null);
    this.failed.hidden = true;
    this.root.querySelector(".side")?.remove();
    this.root.style.setProperty("--sheet-columns", data.sheetColumns);
    this.root.style.setProperty("--sheet-lines", Math.ceil(data.rows.length / data.sheetColumns));
    this.root.style.setProperty("--lift", data.captions ? 1.03 : 1.14);
    this.root.toggleAttribute("data-blur", data.blur);
    this.root.toggleAttribute("data-captions", Boolean(data.captions));
    this.root.toggleAttribute("data-ends", data.ends);
    if (data.ends) this.root.prepend(makeEnds(data.ramp));
    this.cells.ariaLabel = `${counted(data.rows.length, "selfie")}; arrow keys move`;
    this.buttons = data.rows.map((_, place) => this.makeCell(place));
    this.takeTab();
    this.cells.replaceChildren(...this.buttons.map((cell, place) => withCredit(cell, data.credits?.[place])));
  }

  // Where in the sheet a photo is: column of columns, line of lines.
  spot(place) {
    const { rows, sheetColumns } = this.data;
    const lines = Math.ceil(rows.length / sheetColumns);
    return [place % sheetColumns, sheetColumns, Math.floor(place / sheetColumns), lines];
  }

  makeCell(place) {
    const cell = super.makeCell(place);
    const { name, score } = this.words(place);
    cell.tabIndex = place === 0 ? 0 : -1;
    if (name) cell.append(make("span", "caption", make("b", "", name), make("span", "", score)));
    if (this.data.spreads) cell.append(makeSpread(this.data.spreads[place]));
    return cell;
  }

  get columns() {
    return getComputedStyle(this.cells).gridTemplateColumns.split(" ").length;
  }

  go(place) {
    for (const button of this.buttons) button.tabIndex = -1;
    this.buttons[place].tabIndex = 0;
    this.buttons[place].focus();
  }
}

function makeEnds(ramp) {
  const bar = make("i", "", { style: `--ramp: linear-gradient(${[...ramp].reverse().join(",")})` });
  return make("div", "side", { ariaHidden: "true" }, make("span", "", "best"), bar, make("span", "", "worst"));
}

// From the worst to the best photo of a name, on a line from 0 to 100 %; a dot is the mean.
function makeSpread([worst, mean, best, count]) {
  const range = make("i", "", { style: `left:${100 * worst}%;width:${100 * (best - worst)}%` });
  const dot = make("b", "", { style: `left:${100 * mean}%` });
  return make("span", "spread", { ariaHidden: "true" }, ...(count > 1 ? [range, dot] : [dot]));
}

// A cell, and below it, outside of the button, whom the photo is owed to.
function withCredit(cell, credit) {
  if (!credit) return cell;
  const link = (text, href) => (href ? make("a", "", { href, target: "_blank", rel: "noopener" }, text) : text);
  const words = [link(credit.author || "Photo", credit.page), ", ", link(credit.licence, credit.licence_url)];
  return make("div", "item", cell, make("div", "credit", ...words));
}

export default componentOf(SelfieGrid);

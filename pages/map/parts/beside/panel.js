import { clamp, counted, make, makeButton, percent } from "../basics.js";
import { sayFactor } from "./card.js";
import { Ranked } from "./ranked.js";

const CLOSE = "M5 5l10 10M15 5L5 15";
const BACK = "M12 4l-6 6 6 6";
const STRONGEST = 2; // standard deviations that fill half of a bar

// What stands beside the map: a group of selfies, ranked, or one selfie with those most like it.
export class Panel {
  constructor(map) {
    this.map = map;
    this.heading = make("h3");
    this.back = makeButton("icon back", "Back to the group", BACK, () => map.selection.back());
    const close = makeButton("icon", "Close", CLOSE, () => map.selection.close());
    this.body = make("div", "panel-body");
    this.root = make("section", "panel", make("div", "panel-head", this.back, this.heading, close), this.body);
    this.root.hidden = true;
    this.ranked = new Ranked({
      scroller: this.body,
      base: () => map.server.base,
      pointed: (row) => map.pointer.at(row, "panel"),
      chosen: (row) => map.selection.open(row),
      name: (row, place) => `${place + 1}. ${percent(map.score[row])}`,
    });
    // Keys typed here are not the map's, but Escape closes.
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") map.selection.close();
    });
  }

  open(title) {
    this.heading.textContent = title;
    this.root.setAttribute("aria-label", title);
    this.root.hidden = false;
    this.body.scrollTop = 0;
  }

  close() {
    this.root.hidden = true;
    this.showing = null;
  }

  // ---- a group

  // `group` is {title, rows best first, drawn}: `drawn` for a region, that differs from the rest.
  showGroup(group, lit = -1) {
    const showing = (this.showing = {});
    const { map } = this;
    this.open(group.title);
    this.back.hidden = true;
    const apart = make("div", "apart");
    const parts = group.whole ? [] : [this.sayMean(group.rows), apart, this.makeActions(group.rows)];
    const line = make("div", "panel-lead", group.rows.length ? "Best score first" : "Nothing found");
    this.body.replaceChildren(...(group.rows.length ? parts : []), line, this.ranked.root);
    this.ranked.show(group.rows, lit);
    if (lit >= 0) this.ranked.bring(lit);
    if (group.whole || !group.rows.length) return;
    apart.append(make("div", "panel-lead", "What sets them apart"), make("div", "waiting"));
    this.compare(apart, group.rows, () => showing === this.showing && map.server);
  }

  sayMean(rows) {
    const { score, selection } = this.map;
    const mean = (some) => some.reduce((sum, row) => sum + score[row], 0) / some.length;
    const { member } = selection.group;
    const others = selection.shownRows().filter((row) => !member[row]);
    const lines = [make("b", "mean", percent(mean(rows))), make("span", "", "mean score")];
    const against = `${percent(mean(others))} for the other ${counted(others.length)}`;
    if (others.length) lines.push(make("span", "against", against));
    return make("div", "means", ...lines);
  }

  async compare(into, rows, still) {
    const { map } = this;
    let found = [];
    try {
      found = await (await map.server.region("region.json", rows, map.count)).json();
    } catch {
      // Says so below.
    }
    if (!still()) return;
    into.lastChild.remove();
    if (!found.length) into.append(make("div", "quiet", "Nothing stands out; a larger region may differ more."));
    for (const difference of found) into.append(sayDifference(difference));
  }

  makeActions(rows) {
    const { map } = this;
    const save = (kind, name, busy) => async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      try {
        const file = await (await map.server.region(kind, rows, map.count)).blob();
        const link = Object.assign(make("a"), { href: URL.createObjectURL(file), download: name });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      } catch {
        button.textContent = busy;
      }
      button.disabled = false;
    };
    return make(
      "div",
      "actions",
      makeButton("pill", "Download a picture of these selfies", null, save("region.jpg", `region-${rows.length}.jpg`, "Failed; again?"), "Picture"),
      makeButton("pill", "Download the table of these selfies", null, save("region.csv", `region-${rows.length}.csv`, "Failed; again?"), "Table"),
      makeButton("pill", "Zoom to these selfies", null, () => map.lookAtRows(rows), "Zoom to them"),
    );
  }

  // ---- one selfie

  async showSelfie(row, { inGroup }) {
    const showing = (this.showing = {});
    const { map } = this;
    this.open(`Selfie ${percent(map.score[row])}`);
    this.back.hidden = !inGroup;
    const photo = this.makePhoto(row);
    const facts = make("div", "selfie-facts", make("div", "quiet", map.facts(row).better));
    const near = make("div", "near", make("div", "waiting"));
    const actions = make(
      "div",
      "actions",
      makeButton("pill", "Show it among all selfies, ranked", null, () => map.selection.showInGrid(row), "Show in the grid"),
      makeButton("pill", "Open all that is known of it", null, () => map.open(row), "All facts"),
    );
    this.body.replaceChildren(photo, facts, actions, make("div", "panel-lead", "Most alike, to the net"), near);
    const still = () => showing === this.showing;
    const [about, alike] = [map.server.about(row), map.server.near(row)];
    about.then((found) => still() && this.tellFacts(facts, row, found)).catch(() => {});
    try {
      const { rows, distances } = await alike;
      if (!still()) return;
      near.replaceChildren(...rows.map((other, place) => this.makeNeighbour(other, distances[place])));
      map.link(row, rows);
    } catch {
      if (still()) near.replaceChildren(make("div", "quiet", "The neighbours did not arrive."));
    }
  }

  tellFacts(into, row, { name, id, rank, factors }) {
    const { map } = this;
    const lines = [map.facts(row).better, `rank ${counted(rank)} of ${counted(map.count)}`, name || id];
    into.replaceChildren(make("div", "quiet", lines.join(" · ")), ...factors.map(sayFactor));
  }

  makePhoto(row) {
    const { base } = this.map.server;
    const frame = make("div", "big-photo");
    frame.style.backgroundImage = `url("${base}/thumb/${row}")`; // blurred until the photo is there
    const image = new Image();
    image.alt = `Selfie ${row + 1}`;
    image.onload = () => frame.classList.add("loaded");
    image.src = `${base}/photo/${row}`;
    frame.append(image);
    return frame;
  }

  // Distances count in what two photos drawn at random are apart.
  makeNeighbour(row, distance) {
    const { map } = this;
    const said = `Distance ${distance.toFixed(2)}; two selfies drawn at random are 1 apart`;
    const image = new Image();
    Object.assign(image, { alt: "", src: `${map.server.base}/thumb/${row}` });
    const caption = make("span", "", distance.toFixed(2));
    const cell = makeButton("neighbour", said, null, () => map.selection.open(row), image, caption);
    cell.dataset.row = row;
    cell.addEventListener("pointerenter", () => map.pointer.at(row, "panel"));
    cell.addEventListener("pointerleave", () => map.pointer.at(-1));
    return cell;
  }
}

function sayDifference({ title, here, rest, size }) {
  const share = clamp(Math.abs(size) / STRONGEST, 0.04, 1) * 50;
  const fill = make("i", size > 0 ? "more" : "less");
  fill.style.width = `${share}%`;
  const bar = make("div", "difference-bar", fill);
  const words = make("div", "difference-words", make("span", "", title), make("b", "", here), make("span", "against", rest));
  const line = make("div", "difference", words, bar);
  line.title = `${here} here, ${rest} elsewhere: ${size.toFixed(1)} standard deviations`;
  return line;
}

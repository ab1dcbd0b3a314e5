import { clamp, counted, icon, make, makeNamedButton, percent } from "../../../shared/dom.js";
import { sayFactor } from "./card.js";
import { Ranked } from "./ranked.js";

const CLOSE = "M5 5l10 10M15 5L5 15";
const BACK = "M12 4l-6 6 6 6";
const STRONGEST = 2; // standard deviations that fill half of a bar

// What stands beside the map: a group of selfies, ranked, or one selfie with those most like it.
// `openAll` opens all that is known of a row, `link` draws lines from a row to others.
export class Panel {
  constructor({ view, table, server, selection, pointer, openAll, link }) {
    Object.assign(this, { view, table, server, selection, pointer, openAll, link });
    this.heading = make("h2");
    this.back = makeNamedButton("icon back", "Back to the group", () => selection.back(), icon(BACK));
    const close = makeNamedButton("icon", "Close", () => selection.close(), icon(CLOSE));
    this.body = make("div", "panel-body");
    const head = make("div", "panel-head", this.back, this.heading, close);
    this.root = make("section", "panel", { hidden: true }, head, this.body);
    const name = (row, place) => `${place + 1}. ${percent(table.score[row])}`;
    this.ranked = new Ranked({ scroller: this.body, base: server.base, name });
    this.listen();
  }

  // All selfies in it are pointed at and opened alike.
  listen() {
    const { root, body, selection, pointer } = this;
    const rowOf = (event) => Number(event.target.closest("[data-row]")?.dataset.row ?? -1);
    body.addEventListener("pointerover", (event) => pointer.at(rowOf(event), "panel"));
    body.addEventListener("pointerleave", () => pointer.at(-1));
    body.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && pointer.at(rowOf(event), "panel"));
    body.addEventListener("click", (event) => rowOf(event) >= 0 && selection.open(rowOf(event)));
    // Keys typed here are not the map's, but Escape closes.
    root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") selection.close();
    });
  }

  open(title) {
    this.heading.textContent = title;
    Object.assign(this.root, { ariaLabel: title, hidden: false });
    this.body.scrollTop = 0;
  }

  close() {
    this.root.hidden = true;
    this.body.replaceChildren();
  }

  // ---- a group

  // `group` is {title, rows best first, whole}; the whole differs from nothing.
  showGroup({ title, rows, whole }, lit) {
    this.open(title);
    this.back.hidden = true;
    const some = rows.length > 0;
    const parts = some && !whole ? [this.sayMean(rows), this.sayApart(rows), this.makeActions(rows)] : [];
    const lead = make("div", "panel-lead", some ? "Best score first" : "Nothing found");
    this.body.replaceChildren(...parts, lead, this.ranked.root);
    this.ranked.show(rows, lit);
  }

  sayMean(rows) {
    const { score } = this.table;
    const mean = (some) => some.reduce((sum, row) => sum + score[row], 0) / some.length;
    const others = this.selection.shownRows().filter((row) => !this.selection.group.member[row]);
    const lines = [make("b", "mean", percent(mean(rows))), make("span", "", "mean score")];
    const against = `${percent(mean(others))} for the other ${counted(others.length)}`;
    if (others.length) lines.push(make("span", "against", against));
    return make("div", "means", ...lines);
  }

  sayApart(rows) {
    const waiting = make("div", "waiting");
    const none = make("div", "quiet", "Nothing stands out; a larger region may differ more.");
    const asked = this.server.region("region.json", rows, this.table.count).then((answer) => answer.json());
    asked.catch(() => []).then((found) => {
      waiting.replaceWith(...(found.length ? found.map(sayDifference) : [none]));
    });
    return make("div", "apart", make("div", "panel-lead", "What sets them apart"), waiting);
  }

  makeActions(rows) {
    const save = (ending) => async (event) => {
      const button = event.currentTarget;
      button.disabled = true;
      try {
        const file = await (await this.server.region(`region.${ending}`, rows, this.table.count)).blob();
        const link = make("a", "", { href: URL.createObjectURL(file), download: `region-${rows.length}.${ending}` });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      } catch {
        button.textContent = "Failed; again?";
      }
      button.disabled = false;
    };
    const picture = makeNamedButton("pill", "Download a picture of these selfies", save("jpg"), "Picture");
    const table = makeNamedButton("pill", "Download the table of these selfies", save("csv"), "Table");
    const look = () => this.view.lookAtRows(rows);
    const zoom = makeNamedButton("pill", "Zoom to these selfies", look, "Zoom to them");
    return make("div", "actions", picture, table, zoom);
  }

  // ---- one selfie

  showSelfie(row, { inGroup }) {
    const { table, server, selection } = this;
    this.open(`Selfie ${percent(table.score[row])}`);
    this.back.hidden = !inGroup;
    const facts = make("div", "selfie-facts", make("div", "quiet", table.facts(row).better));
    const near = make("div", "near", make("div", "waiting"));
    const show = () => selection.showInGrid(row);
    const inGrid = makeNamedButton("pill", "Show it among all selfies, ranked", show, "Show in the grid");
    const all = makeNamedButton("pill", "Open all that is known of it", () => this.openAll(row), "All facts");
    const actions = make("div", "actions", inGrid, all);
    const lead = make("div", "panel-lead", "Most alike, to the net");
    this.body.replaceChildren(this.makePhoto(row), facts, actions, lead, near);
    server.about(row).then((found) => this.tellFacts(facts, row, found)).catch(() => {});
    this.tellNear(near, row);
  }

  tellFacts(into, row, { name, id, file, rank, factors }) {
    const { table } = this;
    const lines = [table.facts(row).better, `rank ${counted(rank)} of ${counted(table.count)}`, name || id, file];
    into.replaceChildren(make("div", "quiet", lines.join(" · ")), ...factors.map(sayFactor));
  }

  async tellNear(into, row) {
    const found = await this.server.json(`near/${row}`).catch(() => null);
    await this.table.have(found?.rows ?? []);
    if (!into.isConnected) return; // another is shown by now
    if (!found) return into.replaceChildren(make("div", "quiet", "The neighbours did not arrive."));
    into.replaceChildren(...found.rows.map((other, place) => this.makeNeighbour(other, found.distances[place])));
    this.link(row, found.rows);
  }

  makePhoto(row) {
    const { base } = this.server;
    const loaded = () => frame.classList.add("loaded");
    const image = make("img", "", { alt: `Selfie ${row + 1}`, onload: loaded, src: `${base}/photo/${row}` });
    const frame = make("div", "big-photo", image);
    frame.style.backgroundImage = `url("${base}/thumb/${row}")`; // blurred until the photo is there
    return frame;
  }

  // Distances count in what two photos drawn at random are apart.
  makeNeighbour(row, distance) {
    const said = `Distance ${distance.toFixed(2)}; two selfies drawn at random are 1 apart`;
    const image = make("img", "", { alt: "", src: `${this.server.base}/thumb/${row}` });
    const caption = make("span", "", distance.toFixed(2));
    return makeNamedButton("neighbour", said, null, { dataset: { row } }, image, caption);
  }
}

function sayDifference({ title, here, rest, size }) {
  const share = clamp(Math.abs(size) / STRONGEST, 0.04, 1) * 50;
  const fill = make("i", size > 0 ? "more" : "less", { style: `width:${share}%` });
  const values = [make("span", "", title), make("b", "", here), make("span", "against", rest)];
  const said = `${here} here, ${rest} elsewhere: ${size.toFixed(1)} standard deviations`;
  const parts = [make("div", "difference-words", ...values), make("div", "difference-bar", fill)];
  return make("div", "difference", { title: said }, ...parts);
}

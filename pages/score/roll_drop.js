// Where a roll is dropped: the page hears the names first and says which files it wants; they are
// sent one by one, as a Streamlit component (v2), while the page reads those that came.

import { Component, componentOf } from "../shared/component.js";
import { counted, make, makeButton } from "../shared/dom.js";

const AT_ONCE = 4; // files on their way; a browser keeps six connections to a server
const TRIES = 4;
const PAUSE = 1000; // ms before the second try, then twice and three times that

class RollDrop extends Component {
  constructor() {
    super();
    const chooser = (more) => {
      const input = make("input", "", { type: "file", multiple: true, hidden: true, ...more });
      input.onchange = () => {
        this.take([...input.files].map((file) => [file.webkitRelativePath || file.name, file]));
        input.value = "";
      };
      return input;
    };
    const photos = chooser({ ariaLabel: "Photos" });
    const folder = chooser({ ariaLabel: "A folder", webkitdirectory: true });
    const choose = make("div", "choose", makeButton("", () => photos.click(), "Choose photos"));
    if ("webkitdirectory" in photos) choose.append(makeButton("", () => folder.click(), "Choose a folder"));
    this.bar = make("i");
    this.said = make("span", "said", { role: "status" });
    const sent = make("div", "sent", this.said, make("div", "bar", this.bar));
    const hint = make("span", "hint", "or drop them here, folders too");
    this.root = make("div", "root place", choose, hint, sent, photos, folder);
    this.on(this.root, "dragover", (event) => event.preventDefault());
    this.on(this.root, "dragenter", () => this.root.classList.add("over"));
    this.on(this.root, "dragleave", ({ relatedTarget }) => {
      if (!this.root.contains(relatedTarget)) this.root.classList.remove("over");
    });
    this.on(this.root, "drop", (event) => this.drop(event));
  }

  async drop(event) {
    event.preventDefault();
    this.root.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    this.take((await Promise.all(entries.map(filesBelow))).flat());
  }

  // Asks for files: pairs of path and file.
  take(found) {
    const files = found.filter(([path]) => !path.split("/").pop().startsWith("."));
    if (!files.length || this.sending) return;
    files.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.files = files.map(([, file]) => file);
    const names = files.map(([path]) => path);
    this.asked = { turn: Math.random().toString(36).slice(2), names, sizes: this.files.map((file) => file.size), lost: [] };
    this.page.setStateValue("asked", this.asked);
  }

  show({ turn, wanted, address }) {
    this.root.classList.toggle("busy", Boolean(turn));
    if (turn && turn === this.asked?.turn && !this.sending) this.send(wanted, `${address}/${turn}-`);
  }

  async send(wanted, address) {
    this.sending = true;
    this.root.classList.remove("sent-all");
    let sent = 0;
    const left = [...wanted];
    const tell = () => {
      this.said.textContent = `Sent ${counted(sent)} of ${counted(wanted.length)}`;
      this.bar.style.width = `${(100 * sent) / wanted.length}%`;
    };
    const go = async () => {
      while (left.length && !this.gone.signal.aborted) {
        const number = left.shift();
        if (!(await this.sendOne(this.files[number], `${address}${number}`))) this.asked.lost.push(number);
        sent += 1;
        tell();
      }
    };
    tell();
    await Promise.all(Array.from({ length: AT_ONCE }, go));
    this.sending = false;
    this.root.classList.add("sent-all");
    if (this.asked.lost.length && !this.gone.signal.aborted) this.page.setStateValue("asked", { ...this.asked });
  }

  // Returns whether the file arrived: by Streamlit's own route, which keeps it in memory.
  async sendOne(file, address) {
    const { signal } = this.gone;
    const headers = { "X-Xsrftoken": /(?:^|; )_streamlit_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "" };
    for (let turn = 1; turn <= TRIES && !signal.aborted; turn++) {
      try {
        const body = new FormData();
        body.append("file", file, file.name);
        const answer = await fetch(address, { method: "PUT", headers, body, signal });
        if (answer.ok) return true;
        if (answer.status < 500 && answer.status !== 429) return false;
      } catch {
        // Without a network, or the file went: try again.
      }
      if (turn < TRIES) await new Promise((done) => setTimeout(done, turn * PAUSE));
    }
    return false;
  }
}

// Returns what lies in a dropped file or folder, and below it: pairs of path and file.
async function filesBelow(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    return new Promise((done) => entry.file((file) => done([[path, file]]), () => done([])));
  }
  const reader = entry.createReader();
  const all = [];
  for (;;) { // a hundred at a time
    const some = await new Promise((done) => reader.readEntries(done, () => done([])));
    if (!some.length) return (await Promise.all(all.map(filesBelow))).flat();
    all.push(...some);
  }
}

export default componentOf(RollDrop);

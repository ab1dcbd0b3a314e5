// The camera, scored about twice a second, as a Streamlit component (v2).  Small frames go
// straight to the API of this app; nothing is kept there, and here only the line of scores.

import { Component, componentOf } from "../shared/component.js";
import { make, makeButton, makeSvg, percent, standing } from "../shared/dom.js";

const EVERY = 500; // ms from one frame to the next
const SIDE = 320; // px of the longer side of what is sent
const KEPT = 120; // scores of the line, about a minute
const REFUSED = "The browser gives no camera to this page. Allow it beside the address, or upload a photo instead.";
const INSECURE = "Browsers give a camera to secure addresses only: open this app by https, or upload a photo instead.";

class Live extends Component {
  constructor() {
    super();
    this.scores = [];
    this.video = make("video", "", { muted: true, playsInline: true, autoplay: true });
    this.stage = make("div", "stage", this.video);
    this.stage.style.setProperty("--aspect", 4 / 3);
    this.on(this.video, "resize", () => this.shape()); // a phone that turns
    this.number = make("div", "number", "–");
    this.place = make("div", "place", "Waiting for the first frame");
    this.since = make("div", "since", make("span", "", "a minute ago"), make("span", "", "now"));
    this.switch = makeButton("", () => (this.stream ? this.stop() : this.start()), "Stop");
    const take = () => this.page.setTriggerValue("taken", this.grab(1280, 0.92));
    this.keep = makeButton("main", take, "Take this one");
    const buttons = make("div", "buttons", this.keep, this.switch);
    this.said = make("div", "said", { role: "status" });
    this.facts = make("div", "facts", this.number, this.place, this.makeLine(), this.since, buttons);
    this.root = make("div", "root live", this.stage, this.facts, this.said);
    this.start();
  }

  makeLine() {
    this.line = makeSvg("polyline");
    const shape = { viewBox: `0 0 ${KEPT - 1} 100`, preserveAspectRatio: "none" };
    const words = { role: "img", "aria-label": "Scores of the last minute, 0 to 100 %" };
    return makeSvg("svg", { ...shape, ...words }, this.line);
  }

  show(data) {
    this.data = data;
  }

  leave() {
    super.leave();
    this.stop();
  }

  async start() {
    this.say("");
    this.root.classList.remove("refused");
    this.keep.disabled = this.switch.disabled = true; // pressed meanwhile: no picture, a second stream
    try {
      const wanted = { facingMode: "user", width: { ideal: 1280 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      if (this.gone.signal.aborted) return stream.getTracks().forEach((track) => track.stop());
      this.stream = this.video.srcObject = stream;
      await this.video.play();
    } catch {
      if (this.gone.signal.aborted) return;
      this.root.classList.add("refused");
      return this.say(navigator.mediaDevices ? REFUSED : INSECURE);
    }
    this.shape();
    this.update();
    this.follow();
  }

  shape() {
    const { videoWidth, videoHeight } = this.video;
    if (videoHeight) this.stage.style.setProperty("--aspect", videoWidth / videoHeight);
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = this.video.srcObject = null;
    this.update();
  }

  update() {
    this.switch.textContent = this.stream ? "Stop" : "Go on";
    this.switch.disabled = false;
    this.keep.disabled = !this.stream;
  }

  say(line) {
    this.said.textContent = line;
  }

  // Score frame after frame; a slow answer makes the next one wait, a hidden page all of them.
  async follow() {
    const { stream } = this;
    while (this.stream && this.stream === stream) {
      const began = performance.now();
      let pause = EVERY;
      if (!document.hidden) pause = await this.ask();
      await new Promise((next) => setTimeout(next, Math.max(0, pause - (performance.now() - began))));
    }
  }

  // Send one frame and show what comes back; return the ms from this frame to the next.
  async ask() {
    const form = new FormData();
    form.append("image", await (await fetch(this.grab(SIDE, 0.85))).blob(), "frame.jpg");
    try {
      const answer = await fetch(this.data.address, { method: "POST", body: form, signal: this.gone.signal });
      const found = await answer.json();
      if (answer.ok) this.tell(found);
      else this.say(found.error.message);
      return answer.ok ? EVERY : 1000 * Number(answer.headers.get("Retry-After") ?? 2);
    } catch {
      if (!this.gone.signal.aborted) this.say("No score arrives; is the app still running?");
      return 2000;
    }
  }

  tell({ score, percentile, faces }) {
    this.say("");
    this.scores = [...this.scores, score].slice(-KEPT);
    this.root.dataset.count = Number(this.root.dataset.count ?? 0) + 1;
    this.number.textContent = percent(score);
    const best = `best so far ${percent(Math.max(...this.scores))}`;
    const where = faces.length ? `Now ${standing(percentile)} of this gallery` : "No face in view";
    this.place.textContent = `${where} · ${best}`;
    const first = KEPT - this.scores.length;
    this.line.setAttribute("points", this.scores.map((s, i) => `${first + i},${100 - 100 * s}`).join(" "));
  }

  // A frame of the camera as the address of a JPEG, its longer side `side` pixels at most.
  grab(side, quality) {
    const { videoWidth, videoHeight } = this.video;
    const shrink = Math.min(1, side / Math.max(videoWidth, videoHeight));
    const [width, height] = [Math.round(videoWidth * shrink), Math.round(videoHeight * shrink)];
    const canvas = make("canvas", "", { width, height });
    canvas.getContext("2d").drawImage(this.video, 0, 0, width, height);
    return canvas.toDataURL("image/jpeg", quality);
  }
}

export default componentOf(Live);

// The live coach: the camera, the score of what its frame shows, and one thing at a time that would
// raise it.  What would is measured: each move is tried on the frames themselves.
import { make, makeButton, makeNamedButton, makeSvg, percent } from "../shared/dom.js";
import { showAnswer } from "./answer.js";
import { Session } from "./session.js";
import { refuse, show, startAgain } from "./views.js";
import { $, ask } from "./work.js";

const EVERY = 100; // ms from one frame to the next at least; with a move tried on every second, 15 scores a second
const LOOK = 1000; // ms from one look for a face to the next
const HELPS = 0.015; // score that a move must add to be told
const TOLD = 1500; // ms that one instruction stands at least
const LOW = 560; // px of a window in which there is no room below the frame
const BLEND = 0.35; // of what is new in a move's gain
const PHOTO = { width: { ideal: 1280 }, height: { ideal: 960 } };

// Left and right are those of the person: a front camera looks the other way.
const words = (front) => ({
  back: "Step back a little",
  closer: "Come a little closer",
  higher: "Hold it a little higher",
  lower: "Hold it a little lower",
  left: `Point it to your ${front ? "right" : "left"}`,
  right: `Point it to your ${front ? "left" : "right"}`,
  light: "Turn to the light",
  shade: "Turn away from the glare",
});
const MOVES = Object.keys(words(true));

const IN_USE = "the camera is in use by another program; close that one and try again";
const REFUSED = {
  NotAllowedError: "the browser gives no camera to this page; allow it beside the address, or choose a photo",
  NotFoundError: "no camera was found; choose a photo instead",
  NotReadableError: IN_USE,
  AbortError: IN_USE, // as Firefox has it
  InsecureContext: "browsers give a camera to secure addresses only; open this page by https, or choose a photo",
};
const NO_PICTURE = "the camera gives no picture; try again, or choose a photo instead";

// A steady number that does not lag: the smoothing gives way as fast as the value moves.
// G. Casiez et al., "1 Euro Filter", 2012.
class Steady {
  constructor(least = 0.7, give = 6) {
    Object.assign(this, { least, give, speed: 0 });
  }

  next(value, seconds) {
    const blend = (cutoff) => 1 / (1 + 1 / (2 * Math.PI * cutoff * seconds));
    this.value ??= value;
    this.speed += blend(1) * ((value - this.value) / seconds - this.speed);
    this.value += blend(this.least + this.give * Math.abs(this.speed)) * (value - this.value);
    return this.value;
  }
}

class Coach {
  constructor(facts) {
    this.facts = facts;
    this.front = true;
    this.video = make("video", "", { muted: true, playsInline: true, autoplay: true });
    this.number = make("b", "", "–");
    this.told = make("p", "told", { role: "status" }, "Looking");
    this.frame = make("div", "frame", make("div", "now", this.number, this.told));
    this.line = makeSvg("polyline");
    this.climb = makeSvg("svg", { class: "climb", viewBox: "0 0 119 100", preserveAspectRatio: "none", "aria-hidden": "true" }, this.line);
    const symbol = (text) => make("span", "", { ariaHidden: "true" }, text);
    this.auto = makeNamedButton("small", "Take the photo by itself at a peak", () => this.toggle(this.auto), "Auto");
    this.torch = makeNamedButton("small", "Light", () => this.light(), "Light");
    this.turn = makeNamedButton("small", "The other camera", () => this.start(!this.front), symbol("⟲"));
    this.shutter = makeNamedButton("shutter", "Take the photo", () => this.take(), "");
    this.auto.ariaPressed = this.torch.ariaPressed = "false";
    const close = makeNamedButton("small", "Close the camera", () => this.leave(), symbol("✕"));
    const bar = make("div", "controls", close, this.auto, this.shutter, this.torch, this.turn);
    this.root = make("div", "coach", this.video, this.frame, this.climb, bar);
    $("#coach").replaceChildren(this.root);
    this.lay = () => this.layOut();
    addEventListener("resize", this.lay);
  }

  async start(front) {
    this.stop();
    this.shutter.disabled = this.turn.disabled = true; // pressed meanwhile: no picture, a second stream
    this.front = front;
    this.root.classList.toggle("front", front);
    let stream;
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "InsecureContext");
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: front ? "user" : "environment", ...PHOTO }, audio: false });
    } catch (error) {
      return this.fail(REFUSED[error.name] ?? NO_PICTURE);
    }
    if (!this.root.isConnected) return stream.getTracks().forEach((track) => track.stop());
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => this.fail("the camera is gone; connect it and try again"));
    this.torch.hidden = !track.getCapabilities?.().torch;
    this.torch.ariaPressed = "false"; // each camera begins without
    this.stream = this.video.srcObject = stream;
    await this.video.play().catch(() => {}); // left while it began
    this.session ??= new Session();
    Object.assign(this, { steady: new Steady(), gains: {}, move: null, since: 0 });
    this.layOut();
    this.shutter.disabled = this.turn.disabled = false;
    this.follow(stream);
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = this.video.srcObject = null;
  }

  // What was seen before the camera failed stays.
  async fail(message) {
    await this.leave();
    if (!this.session?.scores.length) return refuse({ message, kind: "camera" });
    const line = make("p", "");
    $("#session h1").after(line);
    refuse({ message, kind: "camera" }, { place: line });
  }

  close() {
    this.stop();
    removeEventListener("resize", this.lay);
    $("#coach").replaceChildren();
  }

  // Leaves the camera for what it saw: the climb and the best frames.
  async leave() {
    this.close();
    if (!this.session?.scores.length) return startAgain();
    await this.session.show(this.facts);
    show("session");
  }

  // Where the frame stands on the screen, and which box of the camera's picture it shows.
  layOut() {
    const { clientWidth: wide, clientHeight: high } = this.root;
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return;
    const flat = wide > high && high < LOW; // a phone on its side: what one presses stands at the right
    const aspect = high > wide ? 3 / 4 : 4 / 3;
    const width = Math.min(0.86 * wide, (flat ? 0.86 : 0.66) * high * aspect);
    const place = { left: (wide - width) / 2, top: (flat ? 0.5 : 0.46) * high - width / aspect / 2, width, height: width / aspect };
    for (const [name, value] of Object.entries(place)) this.frame.style[name] = `${value}px`;
    this.root.classList.toggle("flat", flat);
    const scale = Math.max(wide / videoWidth, high / videoHeight);
    const [x, y] = [(wide - scale * videoWidth) / 2, (high - scale * videoHeight) / 2];
    const edges = [place.left - x, place.top - y, place.left - x + place.width, place.top - y + place.height];
    this.box = edges.map((edge, i) => Math.round(Math.min(Math.max(edge / scale, 0), i % 2 ? videoHeight : videoWidth)));
  }

  // Frame after frame while the camera is on; a slow device rests as long as it worked.
  async follow(stream) {
    for (let turn = 0; this.stream === stream; turn++) {
      const began = performance.now();
      if (!document.hidden && this.box) await this.look(turn).catch((error) => this.stream === stream && this.fail(error.message));
      const worked = performance.now() - began;
      await new Promise((next) => setTimeout(next, Math.max(EVERY - worked, worked)));
    }
  }

  async look(turn) {
    const now = performance.now();
    const move = turn % 2 ? MOVES[((turn - 1) / 2) % MOVES.length] : null;
    const look = now - (this.looked ?? 0) > LOOK;
    if (look) this.looked = now;
    const bitmap = await createImageBitmap(this.video);
    const answer = await ask("frame", { bitmap, box: this.box, move, look }, { move: [bitmap] });
    if (!this.stream) return;
    const score = this.steady.next(answer.score, Math.min(1, (now - (this.seen ?? now - EVERY)) / 1000));
    this.seen = now;
    if (answer.face !== undefined) this.face = answer.face;
    if (move) this.gains[move] = answer.gain === null ? 0 : (this.gains[move] ?? answer.gain) * (1 - BLEND) + answer.gain * BLEND;
    this.number.textContent = percent(score);
    this.root.dataset.turns = turn;
    this.tell(now);
    const peak = this.session.add(score, now, () => ask("shot"));
    const scores = this.session.scores.slice(-120);
    this.line.setAttribute("points", scores.map((value, i) => `${120 - scores.length + i},${100 - 100 * value}`).join(" "));
    if (peak && this.auto.ariaPressed === "true") await this.takePeak(await peak.photo);
  }

  // One instruction at a time: that of the move which adds most, for a while.
  tell(now) {
    if (now - this.since < TOLD) return;
    const best = MOVES.reduce((a, b) => ((this.gains[b] ?? 0) > (this.gains[a] ?? 0) ? b : a));
    const gain = this.gains[best] ?? 0;
    const line = this.face === false ? "No face in view" : gain < HELPS ? "Good as it is" : words(this.front)[best];
    if (line !== this.told.textContent) this.say(line, now);
  }

  say(line, now) {
    this.told.textContent = line;
    this.since = now;
  }

  toggle(button) {
    button.ariaPressed = String(button.ariaPressed !== "true");
    return button.ariaPressed === "true";
  }

  async light() {
    const track = this.stream?.getVideoTracks()[0];
    try {
      await track?.applyConstraints({ advanced: [{ torch: this.toggle(this.torch) }] });
    } catch {
      this.toggle(this.torch);
      this.say("This camera keeps its light off", performance.now());
    }
  }

  // Only a photo with a face in it is taken by itself.
  async takePeak(photo) {
    const held = await ask("holdsFace", { file: photo });
    if (held && this.stream) this.take(photo);
    if (held === null) this.say("Auto waits: what finds faces could not be fetched", performance.now());
  }

  // What the frame shows now, as a JPEG.
  grab() {
    const [left, top, right, bottom] = this.box;
    const canvas = make("canvas", "", { width: right - left, height: bottom - top });
    canvas.getContext("2d").drawImage(this.video, left, top, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  }

  async take(peak) {
    const photo = peak ?? (await this.grab());
    this.close();
    const back = this.session.scores.length > 1 ? () => (this.session.show(this.facts), show("session")) : null;
    showAnswer(this.facts, photo, { back, taken: true });
  }
}

let opened = null; // the coach begun last

export function openCoach(facts) {
  opened = new Coach(facts);
  show("coach", { leave: () => opened.leave() });
  opened.start(true);
}

export const closeCoach = () => opened?.close();

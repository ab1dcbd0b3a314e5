// What the camera saw: how the score went, and the best frames, in memory and nowhere else.
import { make, makeButton, makeSvg, percent } from "../shared/dom.js";
import { showAnswer } from "./answer.js";
import { show, startAgain } from "./views.js";
import { $ } from "./work.js";

const KEPT = 6; // frames
const APART = 1500; // ms between two of them: those nearer are of one moment
const BEGUN = 2000; // ms until there is something to compare a peak with
const SETTLED = 400; // ms in which none was higher: until then the score may be on its way up
const LEVEL = 0.02; // score within which a peak is as good as the best so far

export class Session {
  scores = [];
  frames = [];
  best = 0; // of the scores
  #began;
  #top; // the highest frame of a climb

  // Notes a score; keeps the frame that `grab` gives if it is among the best.  Returns the frame of
  // a peak once that is known to be one, else null: by the clock, as slow devices score few frames.
  add(score, now, grab) {
    const before = this.scores.at(-1);
    this.#began ??= now;
    this.scores.push(score);
    this.best = Math.max(this.best, score);
    const near = this.frames.find((frame) => now - frame.at < APART);
    const kept = near ? score > near.score : this.frames.length < KEPT || score > this.frames.at(-1).score;
    const climbs = score > before && score >= this.best - LEVEL && !(score <= this.#top?.score);
    if (kept || climbs) {
      const frame = { score, at: now, photo: grab() };
      if (kept) this.frames = [...this.frames.filter((one) => one !== near), frame].sort((a, b) => b.score - a.score).slice(0, KEPT);
      if (climbs) this.#top = frame;
    }
    return this.#peak(now);
  }

  #peak(now) {
    const top = this.#top;
    if (!top || now - top.at < SETTLED) return null;
    this.#top = null;
    const median = [...this.scores].sort((a, b) => a - b)[this.scores.length >> 1];
    return now - this.#began > BEGUN && top.score > median + LEVEL ? top : null;
  }

  async show(facts) {
    const { scores } = this;
    const points = scores.map((score, i) => `${(100 * i) / Math.max(1, scores.length - 1)},${100 - 100 * score}`).join(" ");
    const shape = { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": `The score went from ${percent(scores[0])} to ${percent(this.best)} at best` };
    const photos = await Promise.all(this.frames.map(async ({ photo }) => await photo));
    const back = () => (this.show(facts), show("session"));
    const frames = this.frames.map(({ score }, i) => {
      const picture = make("img", "", { alt: "", src: URL.createObjectURL(photos[i]), onload: () => URL.revokeObjectURL(picture.src) });
      return makeButton("kept", () => showAnswer(facts, photos[i], { back, taken: true }), { ariaLabel: `Frame ${i + 1}, ${percent(score)}` }, picture, percent(score));
    });
    const line = `From ${percent(scores[0])} to ${percent(this.best)} at best. Open a frame for its full answer and to save it; they are gone when you leave.`;
    $("#session").replaceChildren(
      make("h1", "title", "The best of this session"),
      make("p", "quiet", line),
      make("div", "climbed", makeSvg("svg", shape, makeSvg("polyline", { points }))),
      make("div", "frames", ...frames),
      make("div", "again", makeButton("button main", startAgain, "Done")),
    );
  }
}

// What the camera saw: how the score went, and the best frames, in memory and nowhere else.
import { make, makeButton, makeSvg, percent } from "../shared/dom.js";
import { showAnswer } from "./answer.js";
import { show, startAgain } from "./page.js";
import { $ } from "./work.js";

const KEPT = 6; // frames
const APART = 1500; // ms between two of them: those nearer are of one moment
const AGAIN = 3000; // ms from one peak to the next
const LEVEL = 0.02; // score within which a peak is as good as the best so far

export class Session {
  scores = [];
  frames = [];
  #peak = 0;

  // Notes a score; keeps the frame that `grab` gives if it is among the best; tells whether this is a peak.
  add(score, now, grab) {
    this.scores.push(score);
    this.#keep(score, now, grab);
    const [before, last] = this.scores.slice(-4, -2);
    const turned = this.scores.length > 20 && last >= before && score <= this.scores.at(-2) && this.scores.at(-2) >= last;
    const median = [...this.scores].sort((a, b) => a - b)[this.scores.length >> 1];
    const high = score >= Math.max(...this.scores) - LEVEL && score > median + LEVEL;
    const peak = turned && high && now - this.#peak > AGAIN;
    if (peak) this.#peak = now;
    return peak;
  }

  #keep(score, now, grab) {
    const near = this.frames.find((frame) => now - frame.at < APART);
    if (near ? near.score >= score : this.frames.length === KEPT && this.frames.at(-1).score >= score) return;
    const frame = { score, at: now, photo: grab() };
    this.frames = [...this.frames.filter((one) => one !== near), frame].sort((a, b) => b.score - a.score).slice(0, KEPT);
  }

  async show(facts) {
    const { scores } = this;
    const points = scores.map((score, i) => `${(100 * i) / Math.max(1, scores.length - 1)},${100 - 100 * score}`).join(" ");
    const shape = { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": `The score went from ${percent(scores[0])} to ${percent(Math.max(...scores))} at best` };
    const photos = await Promise.all(this.frames.map(async ({ photo }) => await photo));
    const back = () => (this.show(facts), show("session"));
    const frames = this.frames.map(({ score }, i) => {
      const picture = make("img", "", { alt: "", src: URL.createObjectURL(photos[i]) });
      return makeButton("kept", () => showAnswer(facts, photos[i], back), { ariaLabel: `Frame ${i + 1}, ${percent(score)}` }, picture, percent(score));
    });
    const line = `From ${percent(scores[0])} to ${percent(Math.max(...scores))} at best. Open a frame for its full answer; they are gone when you leave.`;
    $("#session").replaceChildren(
      make("h1", "title", "The best of this session"),
      make("p", "quiet", line),
      make("div", "climbed", makeSvg("svg", shape, makeSvg("polyline", { points }))),
      make("div", "frames", ...frames),
      make("div", "again", makeButton("button main", startAgain, "Done")),
    );
  }
}

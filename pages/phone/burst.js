// A burst from the camera roll: ranked on the device, the best of each moment told.
import { counted, make, makeButton, percent, standing } from "../shared/dom.js";
import { checkSize, showAnswer } from "./answer.js";
import { refuse, show, startAgain } from "./views.js";
import { $, ask } from "./work.js";

let turn = 0;

// Ranks the photos with a bar; a tap opens the full answer of one.
export async function showBurst(facts, files) {
  const own = ++turn;
  const { most } = facts.burst;
  if (files.length > most) return refuse({ message: `${files.length} photos at once; wanted 1 to ${most}, choose fewer` });
  const bar = make("div", "bar done", make("i"));
  const said = make("p", "quiet", { role: "status" });
  let stopped = false; // what was ranked by then is shown
  const stop = () => {
    stopped = true;
    said.textContent = "Stopping";
  };
  $("#burst").replaceChildren(make("h1", "title", `Scoring ${files.length} photos`), said, bar, make("div", "again", makeButton("button", stop, "Stop")));
  showShots();
  const [ranked, broken] = [[], []];
  for (const [i, file] of files.entries()) {
    if (stopped) break;
    said.textContent = `${i + 1} of ${files.length}`;
    bar.style.setProperty("--done", i / files.length);
    try {
      const picture = make("img", "", { src: URL.createObjectURL(file) });
      await checkSize(picture, facts).finally(() => URL.revokeObjectURL(picture.src));
      ranked.push({ file, ...(await ask("rank", { file })) });
    } catch (error) {
      if (error.kind === "network") return own === turn && (startAgain(), refuse(error, { again: () => showBurst(facts, files) }));
      broken.push(`${file.name}: ${error.message}`);
    }
    if (own !== turn) return;
  }
  const left = files.length - ranked.length - broken.length;
  if (!ranked.length && left) return startAgain();
  const groups = await ask("moments", { looks: ranked.map(({ look }) => look) });
  if (own !== turn) return;
  ranked.forEach((one, i) => (one.group = groups[i]));
  draw(facts, ranked.sort((a, b) => b.score - a.score), broken, left);
}

const showShots = () => show("burst", { leave: () => (turn++, startAgain()) });

function draw(facts, ranked, broken, left) {
  const sizes = new Map();
  for (const { group } of ranked) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const told = new Set();
  const shots = ranked.map(({ file, score, picture, group }, i) => {
    const best = sizes.get(group) > 1 && !told.has(group);
    told.add(group);
    const note = best ? `best of ${sizes.get(group)} alike` : sizes.get(group) > 1 ? `moment ${[...told].indexOf(group) + 1}` : "";
    const image = make("img", "square", { src: URL.createObjectURL(picture), alt: "", onload: () => URL.revokeObjectURL(image.src) });
    const words = { ariaLabel: `Rank ${i + 1}, ${file.name}, ${percent(score)}${note && `, ${note}`}`, dataset: { name: file.name } };
    const open = () => showAnswer(facts, file, { back: showShots });
    return makeButton(best ? "kept best" : "kept", open, words, image, percent(score), make("small", "", note));
  });
  const count = ranked.length;
  const moments = sizes.size > 1 && sizes.size < count ? `, ${sizes.size} moments` : "";
  const title = count ? `${counted(count, "photo")}, best first${moments}` : "None of these files could be read";
  const first = ranked[0];
  const line = first ? `${first.file.name} is the one to keep: ${percent(first.score)}, ${standing(first.percentile)} of this gallery. Open a photo for its full answer.${left ? ` Stopped: ${left} not scored.` : ""}` : "";
  $("#burst").replaceChildren(
    make("h1", "title", title),
    make("p", "quiet", line),
    make("div", "frames", ...shots),
    ...(broken.length ? [make("p", "problem", broken.join(" · "))] : []),
    make("div", "again", makeButton("button main", startAgain, "Other photos")),
  );
}

// The worker as promises, and the small things that all parts of the page use.
import { make } from "../shared/dom.js";
import { failure } from "./arrive.js";

export const base = new URL("..", import.meta.url).href;
const waiting = new Map();
let worker; // begun when it is first asked: an old browser has none
let last = 0;

function begun() {
  const own = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  own.onmessage = ({ data: { id, done, answer, error } }) => {
    const { resolve, reject, tell } = waiting.get(id);
    if (done !== undefined) return tell?.(done);
    waiting.delete(id);
    if (error) reject(failure(error.kind, error.message));
    else resolve(answer);
  };
  own.onerror = ({ message }) => {
    if (!message) worker = null; // its modules did not come: it never began
    const error = message ? failure("old", "this browser can't run the net") : failure("network", "the network broke off");
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  return own;
}

// Asks the worker for what photos.js has under a name; `tell` hears the share that is done.
export const ask = (name, given = {}, { tell, move = [] } = {}) =>
  new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject, tell });
    (worker ??= begun()).postMessage({ id: last, name, ...given }, move);
  });

export const $ = (selector) => document.querySelector(selector);

let addresses = []; // of pictures of the photo in question

// The address of a picture; it holds until another photo is asked about.
export function addressOf(picture) {
  addresses.push(URL.createObjectURL(picture));
  return addresses.at(-1);
}

export function letGo() {
  addresses.forEach((address) => URL.revokeObjectURL(address));
  addresses = [];
}

// A photo of the gallery, by its row among those that go along.
export function thumb(facts, row) {
  const { across } = facts;
  const [sheet, place] = [Math.floor(row / across ** 2), row % across ** 2];
  const [x, y] = [place % across, Math.floor(place / across)].map((step) => (100 * step) / (across - 1));
  const cell = make("span", "thumb");
  cell.style.backgroundImage = `url("${new URL(`thumbs/${sheet}.webp`, base)}")`;
  cell.style.backgroundPosition = `${x}% ${y}%`;
  return cell;
}

export const RAMP = ["#4f5bd5", "#8a4fd8", "#c642b8", "#ee4f7e", "#ff7a4d", "#ffb13d"];
export const onRamp = (percentile) => RAMP[Math.min(RAMP.length - 1, Math.floor((percentile / 100) * RAMP.length))];
export const points = (gain) => `${gain < 0 ? "−" : "+"}${Math.abs(100 * gain).toFixed(1)} points`;

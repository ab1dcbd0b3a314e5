// All the work on photos, off the page's thread.  A request is { id, name, ...given }; what comes back
// is { id, answer } or { id, error }, before it perhaps { id, done } with a share of the work.
import { Photos } from "./photos.js";

let photos;

onmessage = async ({ data: { id, name, ...given } }) => {
  try {
    const tell = (done) => postMessage({ id, done });
    if (name === "open") photos = await Photos.open(given.base, tell);
    const answer = name === "open" ? photos.facts : await photos[name](given, tell);
    postMessage({ id, answer });
  } catch (error) {
    postMessage({ id, error: { message: error.message, kind: error.kind } });
  }
};

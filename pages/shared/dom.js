// What every script of the pages uses: elements, and how numbers read.

const SVG = "http://www.w3.org/2000/svg";

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

// Where the two ends have changed places, the upper one holds.
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// "1,378", or with a word "1 photo" and "1,378 photos".
export const counted = (count, word = "") =>
  count.toLocaleString("en") + (word && ` ${word}${count === 1 ? "" : "s"}`);

// As selfie_core/base/words.py says them; take scores as they are, so that they are rounded once.
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

export const standing = (percentile) =>
  percentile >= 100 ? "above all" : percentile >= 1 ? `above ${Math.floor(percentile)} %` : "below nearly all";

// An element: its class, its properties where the third argument is a plain object, its children.
// Text goes in as text, never as HTML: file names and words come from strangers.
export function make(tag, className = "", ...children) {
  const { dataset, ...properties } = children[0]?.constructor === Object ? children.shift() : {};
  const element = Object.assign(document.createElement(tag), { className }, properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

export function makeButton(className, act, ...children) {
  return Object.assign(make("button", className, ...children), { type: "button", onclick: act });
}

// A button whose picture or few letters need a name.
export function makeNamedButton(className, name, act, ...children) {
  return Object.assign(makeButton(className, act, ...children), { title: name, ariaLabel: name });
}

// An element of SVG with attributes, as that has no properties for them.
export function makeSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A drawing of one line in a square of 20 by 20.
export function icon(path) {
  return makeSvg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, makeSvg("path", { d: path }));
}

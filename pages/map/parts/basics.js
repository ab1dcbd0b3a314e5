// What every part uses.

export const SVG = "http://www.w3.org/2000/svg";

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export const counted = (count) => count.toLocaleString("en");

export const percent = (share) => `${(100 * share).toFixed(1)} %`;

// Text goes in as text, never as HTML: file names and words come from strangers.
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

export function makeButton(className, name, icon, act, ...children) {
  const button = make("button", className);
  button.type = "button";
  button.title = name;
  button.setAttribute("aria-label", name);
  if (icon) button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${icon}"/></svg>`;
  button.append(...children);
  button.addEventListener("click", act);
  return button;
}

// The row of the cheapest candidate, or -1.
export function least(candidates, cost) {
  let [best, bestCost] = [-1, Infinity];
  for (const one of candidates) {
    const its = cost(one);
    if (its < bestCost) [best, bestCost] = [one.row, its];
  }
  return best;
}

// The value below which a share of sorted numbers lies.
export const quantile = (sorted, share) => sorted[Math.round(share * (sorted.length - 1))];

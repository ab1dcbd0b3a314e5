// What every part uses.

export const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
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

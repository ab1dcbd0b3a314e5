// What a value looks like and how it reads.

import { clamp, make } from "./basics.js";

const SHADES = 64;

// Gives each row a step of a palette; the last colour of the palette is for missing values.
export function paintBy(colour, values, missing) {
  const palette = colour.names ? [...colour.colours] : shades(colour.ramp);
  palette.push(missing);
  const last = palette.length - 1;
  const { low, high } = colour;
  const step = colour.names
    ? (value) => value
    : (value) => clamp(Math.floor(((value - low) / (high - low || 1)) * SHADES), 0, SHADES - 1);
  const known = (value) => Math.min(last, step(value));
  const steps = Uint8Array.from(values, (value) => (Number.isNaN(value) ? last : known(value)));
  return { steps, palette };
}

function shades(ramp) {
  const stops = ramp.map(channels);
  return Array.from({ length: SHADES }, (_, shade) => {
    const place = (shade / (SHADES - 1)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(place));
    const mixed = stops[from].map((value, c) => value + (stops[from + 1][c] - value) * (place - from));
    return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
  });
}

export const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

export function nameValue({ names, unit, missing }, value) {
  if (Number.isNaN(value)) return missing;
  if (names) return names[value];
  if (unit === "%") return `${(100 * value).toFixed(Math.abs(value) < 0.1 ? 1 : 0)} %`;
  return value.toLocaleString("en", { maximumSignificantDigits: 3 }) + unit;
}

export function fillLegend(legend, colour, someMissing) {
  const title = make("b", "", colour.title);
  const chip = (name, shade) => {
    const spot = make("i");
    spot.style.background = shade;
    return make("span", "chip", spot, name);
  };
  const missing = someMissing ? [chip(colour.missing, "var(--missing)")] : [];
  if (colour.names) {
    const chips = colour.legend.map(([name, shade]) => chip(name, shade));
    return legend.replaceChildren(title, make("div", "chips", ...chips, ...missing));
  }
  const bar = make("i", "bar");
  bar.style.background = `linear-gradient(90deg, ${colour.ramp.join(",")})`;
  const ends = [colour.low, colour.high].map((value) => make("span", "", nameValue(colour, value)));
  legend.replaceChildren(title, make("div", "scale", ends[0], bar, ends[1]), ...missing);
}

// Says how a class looks: its colour, its shape, and the paler colour of its samples.

/** @import { ClassLook } from "./types.d.ts" */

const OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "ink", "#B8A800"];
/** Plotly draws these as letters; its "x" is an emoji that many machines lack, and open circles are the ideal frame's. */
const SYMBOLS = ["circle", "square", "diamond", "cross", "square-open", "diamond-open"];
/** @type {Record<string, number>} */
const SYMBOL_SIZES = { circle: 1, square: 0.9, diamond: 1.1, cross: 1.5, "square-open": 1, "diamond-open": 1.2 };

/**
 * Colour and shape of a class: neighbours differ in both, and no pair repeats within twenty classes.
 * @type {(k: number, ink: string) => ClassLook}
 */
export function classLook(k, ink) {
  const colour = OKABE_ITO[k % OKABE_ITO.length];
  const symbol = SYMBOLS[(k + 2 * Math.floor(k / OKABE_ITO.length)) % SYMBOLS.length];
  return { colour: colour === "ink" ? ink : colour, symbol, size: SYMBOL_SIZES[symbol] };
}

/**
 * A colour a quarter nearer to the ground. Real transparency would have the scene drawn twice.
 * @type {(colour: string, ground: string) => string}
 */
export function pale(colour, ground) {
  const [a, b] = [colour, ground].map(rgbOf);
  return `rgb(${a.map((x, i) => Math.round(0.75 * x + 0.25 * b[i])).join(",")})`;
}

/** The numbers of #rrggbb or rgb(r, g, b). @type {(colour: string) => number[]} */
export function rgbOf(colour) {
  if (colour.startsWith("#")) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

/** Each class's colour for every point of its lines. @type {(looks: ClassLook[], count: number) => string[]} */
export function repeated(looks, count) {
  return looks.flatMap((look) => Array(count).fill(look.colour));
}

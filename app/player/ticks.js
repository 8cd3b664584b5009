// The axes of the curves: the clocks that a film can be drawn on, and where their ticks stand.

/** @import { Film } from "./film.js" */
/** @import { Track } from "./types.d.ts" */
import { figure, power, timeWords } from "./numbers.js";

/** Where the ticks of an axis stand, and their words. @typedef {{ at: number[], words: string[] }} Ticks */

const CLOCKS = [
  { name: "log-epoch", label: "epoch, log", by: "epoch" },
  { name: "epoch", label: "epoch", by: "epoch" },
  { name: "log-step", label: "step, log", by: "step" },
  { name: "step", label: "step", by: "step" },
  { name: "log-log-time", label: "time t, log log", by: "log_time" },
  { name: "log-time", label: "time t, log", by: "both" },
];
/** The log log axis begins at log t = 0.1: t = 1 itself lies infinitely far to the left. */
const FIRST_LOG_TIME = 0.1;
const ROUNDING_OF_ENDS = 1e-6; // the end of a film at e^1000 is no less than e^1000
const MOST_COUNTS = 4;
const END_APART = 0.15; // of an axis: where its last power of ten is further from its end, the end is named too

/**
 * The clocks on which films can be drawn together, the usual one first: epochs or steps only where every film counts
 * them, time where every film knows it, and log log where a film gets that far.
 * @type {(films: Film[]) => { name: string, label: string, by: string }[]}
 */
export function clocksOf(films) {
  const epochs = films.every(({ clock }) => clock.epoch);
  const shared = epochs ? "epoch" : films.every(({ clock }) => clock.by === "step") ? "step" : "log_time";
  const timed = !epochs || films.every((film) => film.timed);
  const far = films.some(({ clock }) => (clock.log_time.at(-1) ?? -Infinity) > FIRST_LOG_TIME);
  return CLOCKS.filter(({ by }) => (by === "both" ? timed : by === shared && (by !== "log_time" || far)));
}

/**
 * Where each frame stands on a clock's axis; null where it has no place there.
 * @type {(film: Film, clock: string) => Track}
 */
export function positionsOf(film, clock) {
  const { epoch = [], step, log_time: logTime } = film.clock;
  if (clock === "epoch") return epoch;
  if (clock === "step") return step;
  if (clock === "log-epoch") return epoch.map((n) => Math.log10(n + 1));
  if (clock === "log-step") return step.map((n) => Math.log10(n + 1));
  if (clock === "log-log-time") return logTime.map((value) => (value !== null && value >= FIRST_LOG_TIME ? Math.log10(value) : null));
  return logTime.map((value) => (value === null ? null : value / Math.LN10));
}

/**
 * Values and words of a clock's ticks on [low, high]; where fewer than two powers fit, both ends are named, and of counts
 * the end that is far from any power.
 * @type {(clock: string, low: number, high: number) => Ticks}
 */
export function clockTicks(clock, low, high) {
  if (clock === "step" || clock === "epoch") return roundTicks(low, high, MOST_COUNTS);
  const counts = clock === "log-step" || clock === "log-epoch";
  /** @typedef {{ at: (p: number) => number, words: (x: number) => string }} Scale @type {Scale} */
  const counted = { at: (p) => Math.log10(10 ** p + 1), words: (x) => figure(Math.round(10 ** x - 1)) };
  /** @type {Scale} */
  const timed = { at: (p) => p, words: (x) => timeWords(clock === "log-time" ? x * Math.LN10 : 10 ** x) };
  const { at, words } = counts ? counted : timed;
  const named = powers(low, high, 6).filter((p) => !counts || p > 0);
  if (named.length < 2 && !(counts && named.length)) return { at: [low, high], words: [low, high].map(words) };
  const ticks = { at: named.map(at), words: named.map(clock === "log-log-time" ? eToThe : tenTo) };
  if (!counts) return ticks;
  const end = high - (ticks.at.at(-1) ?? 0) > END_APART * (high - low) ? [high] : [];
  return { at: [0, ...ticks.at, ...end], words: ["0", ...ticks.words, ...end.map(words)] };
}

/**
 * Round numbers in [low, high], about `most` of them: 1, 2, 5 or 10 times a power of ten apart.
 * @type {(low: number, high: number, most: number) => Ticks}
 */
export function roundTicks(low, high, most) {
  const rough = (high - low) / most;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const every = ten * ([1, 2, 5].find((times) => times * ten >= rough) ?? 10);
  const first = Math.ceil(low / every - ROUNDING_OF_ENDS);
  const count = Math.floor(high / every + ROUNDING_OF_ENDS) - first + 1;
  const at = Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * every).toPrecision(12))); // 0.1 + 0.2 is 0.3 on an axis
  return { at, words: at.map(figure) };
}

/**
 * Whole exponents in [low, high], evenly apart, about `most` of them at most.
 * @type {(low: number, high: number, most: number) => number[]}
 */
function powers(low, high, most) {
  const every = Math.max(1, Math.ceil((high - low) / most - ROUNDING_OF_ENDS));
  const first = Math.ceil(low / every - ROUNDING_OF_ENDS) * every;
  const count = Math.floor((high - first) / every + ROUNDING_OF_ENDS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => first + i * every);
}

/**
 * Range of a log axis that holds all `values`, at least 0.7 decades, and its ticks, as powers of ten.
 * @type {(values: number[]) => { range: [number, number], ticks: Ticks }}
 */
export function logBounds(values) {
  let [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]).map(Math.log10);
  const pad = Math.max(0.08, 0.06 * (high - low), (0.7 - (high - low)) / 2);
  [low, high] = [low - pad, high + pad];
  const named = powers(low, high, 3);
  return { range: [low, high], ticks: { at: named, words: named.map(tenTo) } };
}

/** e to the power 10^exponent. @type {(exponent: number) => string} */
function eToThe(exponent) {
  if (exponent === 0) return "e";
  if (exponent > 0 && exponent < 4) return `e${power(10 ** exponent)}`;
  return `e^${exponent < 0 ? figure(10 ** exponent) : tenTo(exponent)}`;
}

/** @type {(exponent: number) => string} */
function tenTo(exponent) {
  return exponent >= 0 && exponent < 4 ? (10 ** exponent).toLocaleString("en") : `10${power(exponent)}`;
}

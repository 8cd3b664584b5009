// An axis that no answer can break: a range, its ticks, and where a value stands between both ends.

import { logBounds, roundTicks } from "../player/ticks.js";

/** @import { Ticks } from "../player/ticks.js" */

/**
 * An axis from `low` to `high`, which are powers of ten where it is `log`, with ticks at shares of its length.
 * @typedef {{ low: number, high: number, log: boolean, ticks: { at: number, words: string }[] }} Axis
 */

const TICKS = 7;
const MANY_TIMES = 50; // values that differ by such a factor are read on a log axis
const FAR = 10; // times the usual distance from the middle: beyond it an answer no longer says how wide the picture is
const LEAST_DECADES = 0.5;
const USUAL_SHARE = 0.75;
const BEYOND = 1; // of an axis: farther out nothing is drawn, and 1e300 is a number of pixels

/** A log axis around positive values. @type {(values: number[]) => Axis} */
export function logAxis(values) {
  const { range: [low, high], ticks } = logBounds(values);
  return { low, high, log: true, ticks: ticksOn(ticks, low, high) };
}

/** An axis with round ticks, around values that may all be the same. @type {(low: number, high: number) => Axis} */
export function linearAxis(low, high) {
  if (!(high > low)) [low, high] = [low - (Math.abs(low) / 2 || 1), high + (Math.abs(high) / 2 || 1)];
  return { low, high, log: false, ticks: ticksOn(roundTicks(low, high, TICKS), low, high) };
}

/** Ticks at shares of an axis. @type {(ticks: Ticks, low: number, high: number) => Axis["ticks"]} */
function ticksOn({ at, words }, low, high) {
  return at.map((value, i) => ({ at: (value - low) / (high - low), words: words[i] }));
}

/**
 * Where a value stands, 0 at the low end and 1 at the high one, at most one length beyond them: on a log axis what is not
 * above 0 lies there.
 * @type {(axis: Axis, value: number) => number}
 */
export function shareOn({ low, high, log }, value) {
  const at = log ? (value > 0 ? Math.log10(value) : -Infinity) : value;
  return Math.min(1 + BEYOND, Math.max(-BEYOND, (at - low) / (high - low)));
}

/** The value at a share of an axis. @type {(axis: Axis, share: number) => number} */
export function valueOn({ low, high, log }, share) {
  const at = low + share * (high - low);
  return log ? 10 ** at : at;
}

/**
 * The axis of a class's numbers, and of those that must be `seen` with them. It is as wide as most of them are: one that
 * lies far from all others stands beyond it. Numbers that differ by large factors have a log axis.
 * @type {(numbers: number[], seen?: number[]) => Axis}
 */
export function axisOfMost(numbers, seen = []) {
  const logs = most(numbers.filter((x) => x > 0).map(Math.log10), LEAST_DECADES).sort((a, b) => a - b);
  const isWide = ranked(logs, 0.95) + ranked(logs.map((x) => -x).toReversed(), 0.95) > Math.log10(MANY_TIMES);
  const isLog = isWide && logs.length >= 0.9 * numbers.length && seen.every((x) => x > 0);
  if (isLog) return logAxis([...logs.map((x) => 10 ** x), ...seen]);
  const within = [...most(numbers, Math.abs(middleOf(numbers)) / 2), ...seen];
  const [low, high] = [Math.min(...within), Math.max(...within)];
  const room = 0.08 * (high - low);
  return linearAxis(low - room, high + room);
}

/** The numbers that are not far from the middle, by what is usual, or by `least`. @type {(numbers: number[], least: number) => number[]} */
function most(numbers, least) {
  const middle = middleOf(numbers);
  const off = numbers.map((x) => Math.abs(x - middle)).sort((a, b) => a - b);
  const reach = FAR * (Math.max(ranked(off, USUAL_SHARE), least) || 1);
  return numbers.filter((x) => Math.abs(x - middle) <= reach);
}

/** The number in the middle; between the two in the middle, halfway. @type {(numbers: number[]) => number} */
export function middleOf(numbers) {
  return quantile(numbers.toSorted((a, b) => a - b), 0.5);
}

/**
 * What a share of sorted numbers lies below, between neighbours in proportion; NaN where there are none.
 * @type {(sorted: number[], share: number) => number}
 */
export function quantile(sorted, share) {
  const at = share * (sorted.length - 1), below = Math.floor(at);
  const [low, high] = [sorted[below], sorted[Math.ceil(at)]];
  return low === undefined ? NaN : low + (at - below) * (high - low);
}

/** The last of sorted numbers below a share of them: itself one of them, as no proportion to 1e300 is. @type {(sorted: number[], share: number) => number} */
export function ranked(sorted, share) {
  return sorted[Math.floor(share * (sorted.length - 1))];
}

// The numbers of a class: a dot each, in columns over an axis, with the run's own number and what is near enough to it.

import { figure } from "../player/numbers.js";
import { axisOfMost, middleOf, quantile, shareOn, valueOn } from "./axes.js";
import { part, wordsAt } from "../player/drawing.js";
import { countOf } from "./pictures.js";

/** @import { Axis } from "./axes.js" */
/** @import { Part } from "../player/drawing.js" */
/** @import { Box, Picture, Size } from "./pictures.js" */

/** The run's number, and how far an answer may be off it. @typedef {{ value: number, tolerance: number }} Truth */

const DOT = 0.62; // of a letter's height
const BINS = 12;
const NAMED = 3;

/**
 * A dot for each number. `truth` is null while it is not shown.
 * @type {(numbers: number[], truth: Truth | null, size: Size) => Picture}
 */
export function dotsPicture(numbers, truth, size) {
  const { em, width, height } = size;
  if (!numbers.length) return { parts: [], height: 0, words: "Nobody has answered yet.", table: [] };
  const axis = axisOfMost(numbers, truth ? [truth.value - truth.tolerance, truth.value, truth.value + truth.tolerance] : []);
  const box = { left: em, top: 1.6 * em, width: width - 2 * em, height: height - 3.2 * em };
  const beyond = numbers.filter((x) => isBeyond(axis, x));
  const parts = [...(truth ? truthParts(axis, truth, box, em) : []), ...axisParts(axis, box, em), ...dotParts(axis, numbers, box, em)];
  return { parts, height, words: dotWords(numbers, truth, beyond), table: numberTable(axis, numbers, beyond) };
}

/** @type {(axis: Axis, x: number) => boolean} */
function isBeyond(axis, x) {
  const share = shareOn(axis, x);
  return share < 0 || share > 1;
}

/** @type {(axis: Axis, box: Box, em: number) => Part[]} */
function axisParts({ ticks }, { left, top, width, height }, em) {
  const bottom = top + height;
  return [
    part("line", { class: "tp-axis", x1: left - 0.5 * em, x2: left + width + 0.5 * em, y1: bottom, y2: bottom }),
    ...ticks.flatMap(({ at, words }) => [
      part("line", { class: "tp-axis", x1: left + at * width, x2: left + at * width, y1: bottom, y2: bottom + 0.3 * em }),
      wordsAt(left + at * width, bottom + 1.3 * em, words, { class: "tp-tick", "text-anchor": "middle" }),
    ]),
  ];
}

/** The band of what is near enough, and a line at the run's number. @type {(axis: Axis, truth: Truth, box: Box, em: number) => Part[]} */
function truthParts(axis, { value, tolerance }, { left, top, width, height }, em) {
  const [low, at, high] = [value - tolerance, value, value + tolerance].map((x) => left + Math.min(1, Math.max(0, shareOn(axis, x))) * width);
  const side = at > left + 0.8 * width ? "end" : at < left + 0.2 * width ? "start" : "middle";
  return [
    part("rect", { class: "tp-band", x: low, y: top, width: Math.max(1, high - low), height }),
    part("line", { class: "tp-truth", x1: at, x2: at, y1: top, y2: top + height }),
    wordsAt(at, top - 0.5 * em, `the run: ${figure(value)}`, { class: "tp-strong", "text-anchor": side }),
  ];
}

/** Dots that would lie on one another stand in a column, in the middle of their numbers, closer together where it is full. @type {(axis: Axis, numbers: number[], box: Box, em: number) => Part[]} */
function dotParts(axis, numbers, { left, top, width, height }, em) {
  const size = Math.max(4, Math.min(DOT * em, width / 30));
  const columns = Math.max(1, Math.floor(width / size));
  /** @type {Map<number, number[]>} */
  const stacks = new Map();
  for (const share of numbers.filter((x) => !isBeyond(axis, x)).map((x) => shareOn(axis, x))) {
    const column = Math.round(share * columns);
    stacks.set(column, [...(stacks.get(column) ?? []), share]);
  }
  const step = Math.min(size, (height - size) / Math.max(1, ...[...stacks.values()].map((stack) => stack.length)));
  return [...stacks.values()].flatMap((stack) => {
    const middle = stack.reduce((sum, share) => sum + share / stack.length, 0);
    return stack.map((_, below) => part("circle", {
      class: "tp-dot", cx: left + middle * width, cy: top + height - size / 2 - below * step, r: 0.46 * size,
    }));
  });
}

/** @type {(numbers: number[], truth: Truth | null, beyond: number[]) => string} */
function dotWords(numbers, truth, beyond) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const all = [`${countOf(numbers.length, "answer")}.`];
  if (numbers.length > 2) {
    all.push(`The one in the middle is ${figure(middleOf(numbers))}, and half of them lie from ${figure(quantile(sorted, 0.25))} to ${figure(quantile(sorted, 0.75))}.`);
  }
  if (truth) {
    const near = numbers.filter((x) => Math.abs(x - truth.value) <= truth.tolerance).length;
    all.push(`The run says ${figure(truth.value)}; ${near.toLocaleString("en")} of ${numbers.length.toLocaleString("en")} are near enough, at most ${figure(truth.tolerance)} off.`);
  }
  if (beyond.length) all.push(beyondWords(beyond.toSorted((a, b) => a - b)));
  return all.join(" ");
}

/** @type {(sorted: number[]) => string} */
function beyondWords(sorted) {
  const named = sorted.length <= NAMED ? sorted.map(figure).join(", ") : `from ${figure(sorted[0])} to ${figure(sorted[sorted.length - 1])}`;
  return `${countOf(sorted.length, "answer lies", "answers lie")} beyond the picture: ${named}.`;
}

/** How many answers lie from where to where; each by itself where there are few. @type {(axis: Axis, numbers: number[], beyond: number[]) => string[][]} */
function numberTable(axis, numbers, beyond) {
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const x of numbers) counts.set(x, (counts.get(x) ?? 0) + 1);
  if (counts.size <= BINS) {
    return [["number", "answers"], ...[...counts].sort(([a], [b]) => a - b).map(([x, count]) => [figure(x), count.toLocaleString("en")])];
  }
  const inside = numbers.filter((x) => !isBeyond(axis, x)).map((x) => Math.min(BINS - 1, Math.floor(shareOn(axis, x) * BINS)));
  const rows = Array.from({ length: BINS }, (_, i) => [
    figure(valueOn(axis, i / BINS)), figure(valueOn(axis, (i + 1) / BINS)), inside.filter((bin) => bin === i).length.toLocaleString("en"),
  ]);
  return [["from", "to", "answers"], ...rows, ...(beyond.length ? [["beyond", "", beyond.length.toLocaleString("en")]] : [])];
}

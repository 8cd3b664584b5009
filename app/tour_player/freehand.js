// A sketch: how high it is at each of a panel's columns, from where the film waits to the panel's right end. So it is a
// function of the clock, whatever a hand does: going back overwrites.

import { shareOn } from "./axes.js";
import { acrossOf, frameAcross, runAt, valueUp } from "./curve_panel.js";

/** @import { Vector } from "../player/types.d.ts" */
/** @import { CurvePanel } from "./curve_panel.js" */

/** A share of the panel's height for each column; null where nothing is sketched. @typedef {(number | null)[]} Heights */

export const COLUMNS = 65;
/** Columns between two knots, which are what a keyboard moves. */
export const KNOT = 8;
const DIGITS = 4;

/** A share of the panel's width for a column. @type {(panel: CurvePanel, column: number) => number} */
export function acrossColumn(panel, column) {
  const start = acrossOf(panel, panel.from) ?? 0;
  return start + (column / (COLUMNS - 1)) * (1 - start);
}

/** The column, perhaps between two, at a share of the panel's width. @type {(panel: CurvePanel, share: number) => number} */
export function columnAt(panel, share) {
  const start = acrossOf(panel, panel.from) ?? 0;
  return start < 1 ? ((share - start) / (1 - start)) * (COLUMNS - 1) : 0;
}

/** A sketch that has not begun: it hangs at the run where the film waits. @type {(panel: CurvePanel) => Heights} */
export function emptySketch(panel) {
  return Array.from({ length: COLUMNS }, (_, column) => (column ? null : runAt(panel, panel.from)));
}

/** How high the run is at each column; null where it has no value. @type {(panel: CurvePanel) => Heights} */
export function runHeights(panel) {
  return Array.from({ length: COLUMNS }, (_, column) => runAt(panel, frameAcross(panel, acrossColumn(panel, column))));
}

/**
 * The sketch after a stroke from one place to another, [column, height] each: it replaces what was there, in all columns
 * that it passes. Where the run stands as the film waits is no matter of opinion.
 * @type {(heights: Heights, from: Vector, to: Vector) => Heights}
 */
export function withStroke(heights, from, to) {
  const [[a, low], [b, high]] = from[0] <= to[0] ? [from, to] : [to, from];
  const [first, last] = [Math.round(a), Math.round(b)];
  return heights.map((height, column) => {
    if (column < first || column > last || (column === 0 && height !== null)) return height;
    const share = Math.min(1, Math.max(0, (column - a) / (b - a)));
    const there = column === Math.round(to[0]) ? to[1] : low + share * (high - low);
    return Math.min(1, Math.max(0, there));
  });
}

/**
 * The sketch with one of its knots at another height, and lines to its neighbours: what a keyboard does.
 * @type {(heights: Heights, knot: number, height: number) => Heights}
 */
export function withKnot(heights, knot, height) {
  const column = knot * KNOT, next = column + KNOT;
  const before = heights.findLastIndex((each, i) => i <= column - KNOT && each !== null);
  const here = Math.min(1, Math.max(0, height));
  const drawn = before < 0 ? withStroke(heights, [column, here], [column, here]) : withStroke(heights, [before, heights[before] ?? here], [column, here]);
  const after = heights[next] ?? null;
  return after === null ? drawn : withStroke(drawn, [column, here], [next, after]);
}

/** The last column that is sketched; 0 while there is no sketch. @type {(heights: Heights) => number} */
export function reached(heights) {
  return Math.max(0, heights.findLastIndex((height) => height !== null));
}

/**
 * The answer that a sketch is: [frame, value] of each column, frames rising; null while there is none.
 * @type {(panel: CurvePanel, heights: Heights) => [number, number][] | null}
 */
export function answerOf(panel, heights) {
  if (!reached(heights)) return null;
  /** @type {[number, number][]} */
  const points = [];
  heights.forEach((height, column) => {
    if (height === null) return;
    const frame = Number(frameAcross(panel, acrossColumn(panel, column)).toFixed(DIGITS));
    const value = Number(valueUp(panel, height).toPrecision(DIGITS));
    if (!points.length || frame > points[points.length - 1][0]) points.push([frame, value]);
  });
  return points;
}

/**
 * The sketch that an answer is: its line at each column, null to both sides of it. An answer may come from anybody: what
 * goes beyond the film is left out, and of points at one frame the last one counts.
 * @type {(panel: CurvePanel, answer: number[][]) => Heights}
 */
export function sketchOf(panel, answer) {
  const byFrame = new Map(answer.filter(([frame]) => frame >= panel.from && frame <= panel.to).map(([frame, value]) => [frame, value]));
  const points = [...byFrame].sort(([a], [b]) => a - b).map(([frame, value]) => [columnAt(panel, acrossOf(panel, frame) ?? 0), shareOn(panel.axis, value)]);
  /** @type {Heights} */
  const heights = Array.from({ length: COLUMNS }, () => null);
  let right = 0;
  return heights.map((_, column) => {
    while (right < points.length && points[right][0] < column - 1e-6) right += 1;
    const [next, before] = [points[right], points[right - 1]];
    if (!next) return before && column - before[0] < 0.5 ? before[1] : null;
    if (!before) return next[0] - column < 0.5 ? next[1] : null;
    return before[1] + ((column - before[0]) / (next[0] - before[0])) * (next[1] - before[1]);
  });
}

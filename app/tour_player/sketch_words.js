// How far a sketch is off the run, as numbers and in words: factors on a log axis, differences on the others.

import { figure } from "../player/numbers.js";
import { frameAcross, valueUp } from "./curve_panel.js";
import { acrossColumn, COLUMNS, reached, runHeights } from "./freehand.js";

/** @import { CurvePanel } from "./curve_panel.js" */
/** @import { Heights } from "./freehand.js" */

const CLOSE_ENOUGH = 1.1; // a factor that no hand on a log axis can do better than
const ONE_SIDED = 0.8; // of the mean distance: so much of it is on one side
const SAME = 0.01; // of the axis

/**
 * How far a sketch is off, over all columns where both it and the run have a value: the mean, the mean distance, the least
 * and the greatest, as differences of values or, on a log axis, of their decimal logarithms. null where they share none.
 * @type {(panel: CurvePanel, heights: Heights) => { mean: number, distance: number, least: number, greatest: number } | null}
 */
export function offSketch(panel, heights) {
  const { axis: { low, high } } = panel;
  const run = runHeights(panel);
  const off = heights.flatMap((height, column) => {
    const truth = run[column];
    return height === null || truth === null || !column ? [] : [(height - truth) * (high - low)]; // where it begins both are one
  });
  if (!off.length) return null;
  /** @type {(list: number[]) => number} */
  const meanOf = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
  return { mean: meanOf(off), distance: meanOf(off.map(Math.abs)), least: Math.min(...off), greatest: Math.max(...off) };
}

/** What is said of a sketch once the run is seen. @type {(panel: CurvePanel, heights: Heights) => string} */
export function sketchWords(panel, heights) {
  const off = offSketch(panel, heights);
  if (!off) return "There is nothing to compare: the run has no value where you sketched.";
  const column = reached(heights), run = runHeights(panel);
  const all = [offWords(panel, off)];
  const [sketched, truth] = [heights[column], run[column]];
  const moment = panel.film.moment(Math.round(frameAcross(panel, acrossColumn(panel, column))));
  const isWhole = column === COLUMNS - 1;
  if (!isWhole) all.push(`You sketched up to ${moment}.`);
  if (sketched !== null && truth !== null) {
    all.push(`${isWhole ? "At the end" : "There"} the run is at ${figure(valueUp(panel, truth))}, your sketch at ${figure(valueUp(panel, sketched))}.`);
  }
  if (heights.some((height, i) => height !== null && run[i] === null)) all.push("Where the run has no value, or nothing but rounding, nothing is compared.");
  return all.join(" ");
}

/** @type {(panel: CurvePanel, off: { mean: number, distance: number, least: number, greatest: number }) => string} */
function offWords({ axis }, { mean, distance, least, greatest }) {
  const isOneSided = Math.abs(mean) >= ONE_SIDED * distance || least >= 0 || greatest <= 0;
  const side = mean > 0 ? "high" : "low";
  if (axis.log) {
    const factor = figure(10 ** (isOneSided ? Math.abs(mean) : distance));
    if (10 ** distance < CLOSE_ENOUGH) return `Across the picture your sketch is on average within a factor of ${figure(10 ** distance)} of the run: very close.`;
    if (isOneSided) return `Across the picture your sketch is on average too ${side} by a factor of ${factor}.`;
    return `Across the picture your sketch is on average off by a factor of ${factor}, too high in some places and too low in others.`;
  }
  if (distance < SAME * (axis.high - axis.low)) return `Across the picture your sketch is on average ${figure(distance)} off the run: very close.`;
  if (isOneSided) return `Across the picture your sketch is on average ${figure(Math.abs(mean))} too ${side}.`;
  return `Across the picture your sketch is on average ${figure(distance)} off, too high in some places and too low in others.`;
}

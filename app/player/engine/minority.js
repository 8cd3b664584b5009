// Where small classes stop being told apart: under decay or bounds they merge, or with squared error vanish; as
// `ulpm_core/analysis/minority.py`.

/** @import { Loss } from "./parts.d.ts" */
/** @import { Objective } from "./objective.js" */
import { SQUARED_ERROR } from "./losses/squared_error.js";
import { logSum, meet, unevenSpectrum } from "./uneven.js";

/** Logarithm of the largest ratio of class sizes at which merging is looked for. */
const LARGEST_LOG_RATIO = 20;
const LEAST_LOG_RATIO = 1e-9;

/** @typedef {{ fate: "merge" | "vanish", quantity: "decay" | "ratio", here: number, at: number }} Threshold */

/** The threshold of what a run minimises, where class sizes differ and its optimum is known (docs/theory.md 6.5). @type {(objective: Objective) => Threshold | null} */
export function thresholdOf(objective) {
  const { sizes, loss, regulariser, constraint, weight, goal, classes } = objective;
  const [few, many] = [Math.min(...sizes), Math.max(...sizes)];
  const minority = sizes.filter((size) => size === few).length;
  const vanish = loss.name === SQUARED_ERROR.name;
  if (few === many || (minority < 2 && !vanish) || goal.direction || goal.state === null) return null;
  const fate = vanish ? "vanish" : "merge";
  if (regulariser) return { fate, quantity: "decay", here: regulariser.threshold, at: weight * pullOf(loss, classes) * Math.sqrt(few) };
  if (!constraint || new Set(sizes).size > 2) return null;
  const at = mergingRatio(loss, sizes.length - minority, minority, constraint.largest(classes));
  return { fate, quantity: "ratio", here: many / few, at };
}

/** The least ratio of class sizes at which small classes merge, for ||C||_* <= `most`. @type {(loss: Loss, majority: number, minority: number, most: number) => number} */
export function mergingRatio(loss, majority, minority, most) {
  if (loss.name === SQUARED_ERROR.name) return most < majority ? 1 / (1 - most / majority) : Infinity;
  const pull = pullOf(loss, majority + minority);
  const exceeds = (/** @type {number} */ logRatio) => {
    const sizes = Array.from({ length: majority + minority }, (_, k) => (k < majority ? Math.exp(logRatio) : 1));
    const best = unevenSpectrum(loss, sizes, pull, 0, true);
    return best === null ? NaN : logSum(best.S) - Math.log(most);
  };
  let high = 1;
  while (high < LARGEST_LOG_RATIO && !(exceeds(high) >= 0)) high += 1;
  return high < LARGEST_LOG_RATIO ? Math.exp(meet(exceeds, Math.max(high - 1, LEAST_LOG_RATIO), high)) : Infinity;
}

/** By how much more the true class of a sample is pulled up than another one, where their logits are equal. @type {(loss: Loss, classes: number) => number} */
function pullOf(loss, classes) {
  const [own, other] = loss.residual(new Float64Array(classes), 1, new Int32Array(1), classes);
  return other - own;
}

// The largest learning rate at which a run stays stable, from the curvature it meets on its way down, and the value past
// which it has diverged; as `ulpm_core/dynamics/stability.py` (docs/theory.md 5.9).

/** @import { Config } from "./config.js" */
/** @import { Objective } from "./objective.js" */
/** @import { State } from "./types.d.ts" */
import { Pcg64 } from "./random/pcg64.js";
import { standardNormals } from "./random/normal.js";
import { stepRule } from "./rules/known.js";

const DIVERGED_FACTOR = 1000;
/** log of a loss beyond which it counts as this: its exponential is near the end of float64. */
const LARGEST_LOG_LOSS = 690;
/** Most states visited: the curvature peaks while the classes separate, which takes about twenty. */
const MOST_VISITED = 60;
/** Iterations a state, each started from the eigenvector of the state before. */
const ITERATIONS_A_STATE = 4;
/** Once the curvature is a quarter of its peak it only falls: it is bounded by the loss times ||theta||^2. */
const PASSED_PEAK = 0.25;
/** What is added to the first direction, the gradient, at random: a gradient may have no part in the eigenvector. */
const ASIDE = 1e-3;

/**
 * The value, summed over samples, beyond which a run has diverged: a thousand times its start, or the origin's.
 * @type {(objective: Objective, start: State) => number}
 */
export function divergenceLimit(objective, start) {
  const { loss, regulariser, samples, classes, logWeight } = objective;
  const logStart = objective.logLoss(start) - logWeight;
  const beside = regulariser ? regulariser.value(start) / Math.exp(logWeight) : 0;
  return DIVERGED_FACTOR * Math.max(Math.exp(Math.min(logStart, LARGEST_LOG_LOSS)) + beside, samples * loss.origin(classes));
}

/**
 * The rate beyond which a quadratic of the largest curvature is overshot by more at every step, by the run's rule;
 * infinity where there is none. Decoupled decay, which the objective given leaves out, adds half the larger decay to the
 * inverse of the rate.
 * @type {(objective: Objective, config: Config, start: State) => number}
 */
export function stabilityLimit(objective, config, start) {
  const rule = stepRule(config);
  const curvature = rule.stableRate(1) === Infinity ? 0 : largestCurvature(objective, start);
  const aside = config.decay === "decoupled" ? Math.max(...config.decays) / 2 : 0;
  return 1 / (aside + (curvature > 0 ? 1 / rule.stableRate(curvature) : 0));
}

/**
 * The largest Hessian eigenvalue (by size) met on the way down from `start`: gradient descent with step 1/curvature, which
 * follows the gradient flow closely; eigenvalues come from power iteration on Hessian-vector products.
 * @type {(objective: Objective, start: State) => number}
 */
function largestCurvature(objective, start) {
  const state = { W: start.W.slice(), H: start.H.slice() };
  let direction = objective.gradient(state);
  const bits = new Pcg64(0);
  for (const block of [direction.W, direction.H]) {
    standardNormals(bits, block.length).forEach((x, i) => (block[i] += ASIDE * x));
  }
  let peak = 0;
  for (let visited = 0; visited < MOST_VISITED; visited += 1) {
    for (let left = visited ? ITERATIONS_A_STATE : 5 * ITERATIONS_A_STATE; left > 0; left -= 1) {
      const norm = normOf(direction);
      if (norm === 0) return peak;
      direction = objective.hessianVectorProduct(state, scaledBy(direction, 1 / norm));
    }
    const curvature = normOf(direction);
    peak = Math.max(peak, curvature);
    if (curvature < PASSED_PEAK * peak || curvature === 0) break;
    const gradient = objective.gradient(state);
    for (const [block, slope] of [[state.W, gradient.W], [state.H, gradient.H]]) slope.forEach((g, i) => (block[i] -= g / curvature));
    objective.constraint?.project(state, objective.sizes);
  }
  return peak;
}

/** @type {(state: State) => number} */
function normOf({ W, H }) {
  let sum = 0;
  for (const x of W) sum += x * x;
  for (const x of H) sum += x * x;
  return Math.sqrt(sum);
}

/** @type {(state: State, factor: number) => State} */
function scaledBy({ W, H }, factor) {
  return { W: W.map((x) => x * factor), H: H.map((x) => x * factor) };
}

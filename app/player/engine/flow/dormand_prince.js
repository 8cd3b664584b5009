// One step of the explicit pair DOP853 in log time, with its error, a look at its stiffness, and its dense output.
//
// Dormand and Prince's method of order 8 with the error estimate and the interpolant of Hairer, Norsett, Wanner,
// "Solving Ordinary Differential Equations I", 2nd ed., II.5 and II.10. The clock is c = log(1 + t), so t = 0 is c = 0
// and late in the run c is log t.

/** @import { FlowMemory } from "./memory.js" */
/** @import { LogField, Vector } from "./log_field.js" */
import { DOP_CLOCKS, DOP_DENSE, DOP_EXTRA, DOP_STAGES, DOP_STEP } from "./dormand_prince_weights.js";

export const EARLY_STAGES = DOP_STAGES.length;
export const DENSE_STAGES = DOP_EXTRA.length;
const [WHOLE_STEP, FIFTH, THIRD] = DOP_STEP;
const [CLOCKS, EXTRA_CLOCKS] = DOP_CLOCKS;

/** The steps of a flow. */
export class DormandPrince {
  /** @param {LogField} field */
  constructor(field) {
    this.field = field;
    this.logLoss = NaN;
    this.stiffness = NaN;
  }

  /**
   * One step of length h; returns the norm of the estimated local error. Leaves log L at its end, and h |eigenvalue| as
   * seen by the last two stages, which both are at c + h (Hairer, Wanner, "Solving Ordinary Differential Equations II",
   * IV.2).
   * @type {(at: FlowMemory, h: number) => Generator<null, number, void>}
   */
  *step(at, h) {
    const { field } = this;
    const { theta, clock, end, endF, trial } = at;
    const stages = allStages(at);
    for (let s = 1; s < EARLY_STAGES; s += 1) {
      field.addStages(trial, theta, h, DOP_STAGES[s], stages);
      field.onClock(trial, clock + CLOCKS[s] * h, stages[s]);
      if (field.pauses) yield null;
    }
    field.addStages(end, theta, h, WHOLE_STEP, stages);
    this.logLoss = field.onClock(end, clock + h, endF);
    field.combine(trial, [end, trial], [1, -1]);
    const moved = field.norm(trial);
    field.combine(trial, [endF, stages[EARLY_STAGES - 1]], [1, -1]);
    this.stiffness = moved > 0 ? (h * field.norm(trial)) / moved : 0;
    field.addStages(trial, null, 1, FIFTH, stages);
    const fifth = field.norm(trial);
    field.addStages(trial, null, 1, THIRD, stages);
    const third = field.norm(trial);
    if (!Number.isFinite(fifth + third)) return Infinity;
    return fifth > 0 ? (h * fifth) / Math.sqrt(1 + 0.01 * (third / fifth) ** 2) : 0;
  }

  /** Readies the interpolant of the step just taken: three more evaluations. @type {(at: FlowMemory, h: number) => Generator<null, void, void>} */
  *dense(at, h) {
    const stages = allStages(at);
    for (let e = 0; e < DENSE_STAGES; e += 1) {
      this.field.addStages(at.trial, at.theta, h, DOP_EXTRA[e], stages);
      this.field.onClock(at.trial, at.clock + EXTRA_CLOCKS[e] * h, stages[EARLY_STAGES + 1 + e]);
      if (this.field.pauses) yield null;
    }
  }

  /**
   * Leaves the state at a share of the step in `trial`, of order 7: theta + x (r_0 + (1 - x) (r_1 + x (r_2 + ...))) of rows
   * r that are sums of both ends and of the stages, here as one sum of those.
   * @type {(at: FlowMemory, h: number, share: number) => void}
   */
  between(at, h, share) {
    const [x0, x1, x2, ...others] = runningProducts(share, 3 + DOP_DENSE.length);
    const moved = x0 - x1 + 2 * x2;
    const weights = allStages(at).map((_, s) => others.reduce((sum, x, r) => sum + x * (DOP_DENSE[r][s] ?? 0), 0));
    weights[0] += x1 - x2;
    weights[EARLY_STAGES] -= x2;
    this.field.combine(at.trial, [at.theta, at.end, ...allStages(at)], [1 - moved, moved, ...weights.map((weight) => h * weight)]);
  }
}

/** Twelve stages, the derivative at the end of the step, and three more for the dense output. @type {(at: FlowMemory) => Vector[]} */
function allStages({ f, endF, stages }) {
  return [f, ...stages.slice(0, EARLY_STAGES - 1), endF, ...stages.slice(EARLY_STAGES - 1)];
}

/** x, x (1 - x), x (1 - x) x, and so on. @type {(x: number, count: number) => number[]} */
function runningProducts(x, count) {
  const products = [x];
  while (products.length < count) products.push(products[products.length - 1] * (products.length % 2 ? 1 - x : x));
  return products;
}

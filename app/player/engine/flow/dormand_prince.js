// One step of the explicit pair DOP853 in log time, with its error, a look at its stiffness, and its dense output.
//
// Dormand and Prince's method of order 8 with the error estimate and the interpolant of Hairer, Norsett, Wanner,
// "Solving Ordinary Differential Equations I", 2nd ed., II.5 and II.10. The clock is c = log(1 + t), so t = 0 is c = 0
// and late in the run c is log t.

/** @import { LogField } from "./log_field.js" */
import { DOP_CLOCKS, DOP_DENSE, DOP_EXTRA, DOP_STAGES, DOP_STEP } from "./dormand_prince_weights.js";
import { addStages, euclideanNorm } from "./sums.js";

export const EARLY_STAGES = DOP_STAGES.length;
export const DENSE_STAGES = DOP_EXTRA.length;
const [WHOLE_STEP, FIFTH, THIRD] = DOP_STEP;
const [CLOCKS, EXTRA_CLOCKS] = DOP_CLOCKS;

/** Steps of a field, and the memory that they need. */
export class DormandPrince {
  /** @param {LogField} field */
  constructor(field) {
    this.field = field;
    /** Twelve stages, the derivative at the end of the step, and three more for the dense output. */
    this.stages = Array.from({ length: EARLY_STAGES + 1 + DENSE_STAGES }, () => new Float64Array(field.size));
    this.trial = new Float64Array(field.size);
    this.logLoss = NaN;
    this.stiffness = NaN;
  }

  /**
   * From theta at `clock`, where the derivative is f, to `end` a step h later; returns the norm of the estimated local
   * error. Leaves log L there, and h |eigenvalue| as seen by the last two stages, which both are at c + h (Hairer,
   * Wanner, "Solving Ordinary Differential Equations II", IV.2).
   * @type {(theta: Float64Array, f: Float64Array, clock: number, h: number, end: Float64Array) => number}
   */
  step(theta, f, clock, h, end) {
    const { field, stages, trial } = this;
    stages[0].set(f);
    for (let s = 1; s < EARLY_STAGES; s += 1) {
      addStages(theta, h, DOP_STAGES[s], stages, trial);
      field.onClock(trial, clock + CLOCKS[s] * h, stages[s]);
    }
    addStages(theta, h, WHOLE_STEP, stages, end);
    this.logLoss = field.onClock(end, clock + h, stages[EARLY_STAGES]);
    for (let i = 0; i < end.length; i += 1) trial[i] = end[i] - trial[i];
    const moved = euclideanNorm(trial);
    for (let i = 0; i < end.length; i += 1) trial[i] = stages[EARLY_STAGES][i] - stages[EARLY_STAGES - 1][i];
    this.stiffness = moved > 0 ? (h * euclideanNorm(trial)) / moved : 0;
    addStages(null, 1, FIFTH, stages, trial);
    const fifth = euclideanNorm(trial);
    addStages(null, 1, THIRD, stages, trial);
    const third = euclideanNorm(trial);
    if (!Number.isFinite(fifth + third)) return Infinity;
    return fifth > 0 ? (h * fifth) / Math.sqrt(1 + 0.01 * (third / fifth) ** 2) : 0;
  }

  /** The derivative at the end of the step just taken. */
  get f() {
    return this.stages[EARLY_STAGES];
  }

  /**
   * The seven coefficients of the interpolant of the step just taken, each of theta's size; three more evaluations.
   * @type {(theta: Float64Array, clock: number, h: number, end: Float64Array) => Float64Array[]}
   */
  dense(theta, clock, h, end) {
    const { field, stages, trial } = this;
    for (let e = 0; e < DENSE_STAGES; e += 1) {
      addStages(theta, h, DOP_EXTRA[e], stages, trial);
      field.onClock(trial, clock + EXTRA_CLOCKS[e] * h, stages[EARLY_STAGES + 1 + e]);
    }
    const rows = Array.from({ length: 3 + DOP_DENSE.length }, () => new Float64Array(field.size));
    for (let i = 0; i < field.size; i += 1) {
      const moved = end[i] - theta[i];
      rows[0][i] = moved;
      rows[1][i] = h * stages[0][i] - moved;
      rows[2][i] = 2 * moved - h * (stages[EARLY_STAGES][i] + stages[0][i]);
    }
    for (let r = 0; r < DOP_DENSE.length; r += 1) addStages(null, h, DOP_DENSE[r], stages, rows[3 + r]);
    return rows;
  }
}

/**
 * The state at a share of the step, of order 7: nested products with x and 1 - x in turn.
 * @type {(theta: Float64Array, rows: Float64Array[], share: number) => Float64Array}
 */
export function betweenEnds(theta, rows, share) {
  const value = new Float64Array(theta.length);
  for (let r = rows.length - 1; r >= 0; r -= 1) {
    const factor = r % 2 === 0 ? share : 1 - share;
    for (let i = 0; i < value.length; i += 1) value[i] = (value[i] + rows[r][i]) * factor;
  }
  for (let i = 0; i < value.length; i += 1) value[i] += theta[i];
  return value;
}

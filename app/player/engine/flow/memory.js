// What decides how the flow goes on from a step, and the vectors that its steps work on.

/** @import { LogField, Vector } from "./log_field.js" */
import { logExpm1 } from "../schedule.js";
import { SHORTEST } from "./limits.js";

/** log of the mean loss below which the late method takes over: every margin then exceeds about 20. */
const LATE_LOG_LOSS = -20;
/** Stages of a step between its beginning, `f`, and its end, `endF`: DOP853's, then those of its dense output. */
const INNER_STAGES = 14;
/** theta, f, end, endF, and a trial. */
const NAMED_VECTORS = 5;
export const FLOW_VECTORS = NAMED_VECTORS + INNER_STAGES;

/** The flow between two steps. */
export class FlowMemory {
  /**
   * The early method works in the clock log(1 + t), where f = d theta/d clock; the late one in s, ds = L dt, where
   * f = d theta/ds and `clock` is log t. `h` is the length of the next step, `logLoss` that of the sum of losses. A step
   * goes from `theta` with f to `end` with `endF`; `trial` and `stages` are its own.
   * @param {LogField} field
   * @param {number} clock
   * @param {{ samples: number, most: number, tolerance: number }} limits of the flow: `most` right-hand sides
   */
  constructor(field, clock, limits) {
    this.field = field;
    const [theta, f, end, endF, trial, ...stages] = field.vectors;
    this.theta = theta;
    this.f = f;
    this.end = end;
    this.endF = endF;
    this.trial = trial;
    this.stages = stages;
    this.clock = clock;
    this.limits = limits;
    this.logLoss = NaN;
    this.h = NaN;
    this.late = false;
    this.stiff = 0;
    this.sinceSpectrum = 0;
    this.spectrum = 0;
    this.steps = 0;
    this.rightHandSides = 0;
    this.stalled = false;
  }

  get logTime() {
    return this.late ? this.clock : logExpm1(this.clock);
  }

  /** Whether nothing moves any more: the next step may be as long as anybody likes. */
  get atRest() {
    return this.h === Infinity;
  }

  /** Whether every margin exceeds about 20. */
  get quiet() {
    return this.logLoss - Math.log(this.limits.samples) < LATE_LOG_LOSS;
  }

  /** Counts evaluations of the right-hand side. @type {(evaluations: number) => void} */
  spend(evaluations) {
    this.rightHandSides += evaluations;
    if (this.rightHandSides > this.limits.most || this.h < SHORTEST) this.stalled = true;
  }

  /** The error of a step over the one that is allowed. @type {(error: number) => number} */
  ratio(error) {
    return error / Math.max(this.limits.tolerance * this.field.norm(this.theta), SHORTEST);
  }

  /** A state to record on the step just taken. @type {(logTime: number, vector: Vector) => FlowRecord} */
  record(logTime, vector) {
    return { step: this.steps + 1, logTime, state: this.field.read(vector) };
  }

  /** Goes on to the end of the step just taken. @type {(logLoss: number, clock: number, h: number) => void} */
  goOn(logLoss, clock, h) {
    [this.theta, this.end] = [this.end, this.theta];
    [this.f, this.endF] = [this.endF, this.f];
    Object.assign(this, { logLoss, clock, h });
    this.steps += 1;
  }
}

/** @typedef {{ step: number, logTime: number, state: import("../types.d.ts").State }} FlowRecord */

// What decides how the flow goes on from a step.

import { logExpm1 } from "../schedule.js";
import { SHORTEST } from "./limits.js";
import { euclideanNorm } from "./sums.js";

/** log of the mean loss below which the late method takes over: every margin then exceeds about 20. */
const LATE_LOG_LOSS = -20;

/** The flow between two steps. */
export class FlowMemory {
  /**
   * The early method works in the clock log(1 + t), where f = d theta/d clock; the late one in s, ds = L dt, where
   * f = d theta/ds and `clock` is log t. `h` is the length of the next step, `logLoss` that of the sum of losses.
   * @param {Float64Array} theta
   * @param {Float64Array} f
   * @param {number} clock
   * @param {{ samples: number, most: number, tolerance: number }} limits of the flow: `most` right-hand sides
   */
  constructor(theta, f, clock, limits) {
    this.theta = theta;
    this.f = f;
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
    return error / Math.max(this.limits.tolerance * euclideanNorm(this.theta), SHORTEST);
  }

  /** Takes a step to another state. @type {(theta: Float64Array, f: Float64Array, logLoss: number, clock: number, h: number) => void} */
  goTo(theta, f, logLoss, clock, h) {
    Object.assign(this, { theta, f, logLoss, clock, h });
    this.steps += 1;
  }
}

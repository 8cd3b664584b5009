// Gradient flow d theta/dt = -dL/dtheta in log time: from t = 0 to t = e^(10^8) and beyond, to a stated tolerance.
//
// The methods, their limits and how they change over are those of `ulpm_core/dynamics/flow/gradient_flow.py`, where their
// errors and costs are measured.

/** @import { Config } from "../config.js" */
/** @import { State } from "../types.d.ts" */
import { logAddExp } from "../schedule.js";
import { EarlyFlow } from "./early_flow.js";
import { imbalanceOf } from "./flow_time.js";
import { LateFlow } from "./late_flow.js";
import { FIRST_SHARE, LONGEST_FIRST, mostRightHandSides } from "./limits.js";
import { LogField, packedTheta, unpackedTheta } from "./log_field.js";
import { FlowMemory } from "./memory.js";
import { euclideanNorm } from "./sums.js";

/** So many stiff steps in a row, and the early method gives way. */
const STIFF_STEPS = 15;

/**
 * States of the flow to record, log t and theta of each, and whether the last of them is the one at the end.
 * @typedef {{ visited: [number, Float64Array][], done: boolean }} Advanced
 */

/** The flow in motion from a state at `logTime`. */
export class FlowRun {
  /** @param {Config} config @param {State} start @param {number} logTime */
  constructor(config, start, logTime) {
    const { classes: K, dimension: d, sampleCount: samples, tolerance } = config;
    this.field = new LogField(config.labels, K, d, config.loss_reduction === "mean" ? -Math.log(samples) : 0);
    const theta = packedTheta(start, K, d);
    this.memory = this.#beginning(theta, logAddExp(0, logTime), { samples, tolerance, most: mostRightHandSides(K, d) });
    this.early = new EarlyFlow(config, this.field);
    this.late = new LateFlow(config, this.field, imbalanceOf(theta, K, d));
  }

  /** Whether the flow gave up: it goes no further. */
  get stalled() {
    return this.memory.stalled;
  }

  /** W and H of a theta. @type {(theta: Float64Array) => State} */
  state(theta) {
    return unpackedTheta(theta, this.field.K, this.field.d);
  }

  /**
   * Takes one step. Returns the states to record on it. The step that reaches the end is not kept in `memory`.
   * @type {(end: number) => Advanced}
   */
  advance(end) {
    const { memory } = this;
    if (!memory.late && (memory.quiet || memory.stiff >= STIFF_STEPS)) this.late.begin(memory);
    return (memory.late ? this.late : this.early).advance(memory, end);
  }

  /** @type {(theta: Float64Array, clock: number, limits: FlowMemory["limits"]) => FlowMemory} */
  #beginning(theta, clock, limits) {
    const memory = new FlowMemory(theta, new Float64Array(theta.length), clock, limits);
    memory.logLoss = this.field.onClock(theta, clock, memory.f);
    const speed = euclideanNorm(memory.f);
    memory.h = speed > 0 ? Math.min(LONGEST_FIRST, (FIRST_SHARE * euclideanNorm(theta)) / speed) : LONGEST_FIRST;
    memory.spend(1);
    return memory;
  }
}

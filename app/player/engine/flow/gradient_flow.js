// Gradient flow d theta/dt = -dL/dtheta in log time: from t = 0 to t = e^(10^8) and beyond, to a stated tolerance; and
// d theta/dt = -grad F of a value that has a least one, to rest.
//
// The methods, their limits and how they change over are those of `ulpm_core/dynamics/flow/gradient_flow.py`, where their
// errors and costs are measured.

/** @import { Config } from "../config.js" */
/** @import { State } from "../types.d.ts" */
/** @import { FlowRecord } from "./memory.js" */
import { logAddExp } from "../schedule.js";
import { EarlyFlow } from "./early_flow.js";
import { imbalanceOf } from "./flow_time.js";
import { LateFlow } from "./late_flow.js";
import { FIRST_SHARE, LONGEST_FIRST, MOST_RIGHT_HAND_SIDES, mostRightHandSides } from "./limits.js";
import { LogField } from "./log_field.js";
import { FLOW_VECTORS, FlowMemory } from "./memory.js";
import { Objective } from "../objective.js";
import { RestingFlow } from "./resting_flow.js";

/** So many stiff steps in a row, and the early method gives way. */
const STIFF_STEPS = 15;

/** The flow in motion from a state at `logTime`. */
export class FlowRun {
  /** @param {Config} config @param {State} start @param {number} logTime */
  constructor(config, start, logTime) {
    const { sizes, classes: K, dimension: d, sampleCount: samples, tolerance } = config;
    const objective = config.isUlpm ? null : Objective.of(config);
    const logWeight = objective === null && config.loss_reduction === "mean" ? -Math.log(samples) : 0;
    const field = new LogField([...sizes], d, logWeight, FLOW_VECTORS, objective);
    const limits = { samples, tolerance, most: objective ? MOST_RIGHT_HAND_SIDES : mostRightHandSides(K, d) };
    this.memory = new FlowMemory(field, logAddExp(0, logTime), limits);
    field.write(this.memory.theta, start);
    this.early = new EarlyFlow(config, field);
    this.late = objective ? new RestingFlow(config, field) : new LateFlow(config, field, imbalanceOf(field, this.memory.theta));
    this.#begin();
  }

  /** Whether the flow gave up: it goes no further. */
  get stalled() {
    return this.memory.stalled;
  }

  /**
   * Follows the flow until log t = `end`, or until it stalls; returns whether it got there. Yields each state to record,
   * and null between them: after every step, and within one after some milliseconds. The step that reaches the end is
   * not kept in `memory`.
   * @type {(end: number) => Generator<FlowRecord | null, boolean, void>}
   */
  *follow(end) {
    const { memory } = this;
    while (!memory.stalled) {
      if (!memory.late && (memory.quiet || memory.stiff >= STIFF_STEPS)) this.late.begin(memory);
      if (yield* (memory.late ? this.late : this.early).advance(memory, end)) return true;
      yield null;
    }
    return false;
  }

  /** The field at the start, and the length of the first step. */
  #begin() {
    const { memory } = this;
    const { field, theta, f, clock } = memory;
    memory.logLoss = field.onClock(theta, clock, f);
    const speed = field.norm(f);
    memory.h = speed > 0 ? Math.min(LONGEST_FIRST, (FIRST_SHARE * field.norm(theta)) / speed) : LONGEST_FIRST;
    memory.spend(1);
    if (speed === 0 && this.late instanceof RestingFlow) this.late.rest(memory);
  }
}

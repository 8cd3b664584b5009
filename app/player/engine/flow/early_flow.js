// The flow while the classes separate, where its solution is rough: DOP853 in c = log(1 + t), with dense output.

/** @import { Config } from "../config.js" */
/** @import { LogField } from "./log_field.js" */
/** @import { FlowMemory, FlowRecord } from "./memory.js" */
import { linesBetween, logAddExp, logExpm1 } from "../schedule.js";
import { DENSE_STAGES, DormandPrince, EARLY_STAGES } from "./dormand_prince.js";

/** A step is stiff from here on: that, not accuracy, sets its length (a test of Hairer and Wanner's). */
const STIFF_AT = 5;

/** The early method. */
export class EarlyFlow {
  /** @param {Config} config @param {LogField} field */
  constructor(config, field) {
    this.config = config;
    this.method = new DormandPrince(field);
  }

  /**
   * Takes one step, which errs little enough: yields the states to record on it, null for a pause, and returns whether it
   * reached the end.
   * @type {(at: FlowMemory, end: number) => Generator<FlowRecord | null, boolean, void>}
   */
  *advance(at, end) {
    while (!at.stalled) {
      const ratio = at.ratio(yield* this.method.step(at, at.h));
      const { logLoss, stiffness } = this.method;
      at.spend(EARLY_STAGES);
      const h = at.h * Math.min(5, Math.max(0.2, ratio > 0 ? 0.9 * ratio ** (-1 / 8) : 5));
      if (ratio > 1) {
        at.h = h;
        continue;
      }
      const done = yield* this.#lookBack(at, end);
      if (!done) {
        at.goOn(logLoss, at.clock + at.h, h);
        at.stiff = stiffness > STIFF_AT ? at.stiff + 1 : 0;
      }
      return done;
    }
    return false;
  }

  /** Yields the states to record on the step just taken, from its dense output; whether one is the end. @type {(at: FlowMemory, end: number) => Generator<FlowRecord | null, boolean, void>} */
  *#lookBack(at, end) {
    const { clock, h } = at;
    const last = logAddExp(0, end);
    const done = last <= clock + h;
    /** @type {[number, number][]} */
    const due = [];
    for (const c of linesBetween(this.config, clock, clock + h)) {
      if (!done || logExpm1(c) < end) due.push([logExpm1(c), c]);
    }
    if (done) due.push([end, last]);
    if (!due.length) return false;
    yield* this.method.dense(at, h);
    at.spend(DENSE_STAGES);
    for (const [logTime, c] of due) {
      this.method.between(at, h, (c - clock) / h);
      yield at.record(logTime, at.trial);
    }
    return done;
  }
}

// The flow while the classes separate, where its solution is rough: DOP853 in c = log(1 + t), with dense output.

/** @import { Config } from "../config.js" */
/** @import { Advanced } from "./gradient_flow.js" */
/** @import { LogField } from "./log_field.js" */
/** @import { FlowMemory } from "./memory.js" */
import { linesBetween, logAddExp, logExpm1 } from "../schedule.js";
import { DENSE_STAGES, DormandPrince, EARLY_STAGES, betweenEnds } from "./dormand_prince.js";

/** A step is stiff from here on: that, not accuracy, sets its length (a test of Hairer and Wanner's). */
const STIFF_AT = 5;

/** The early method, and its memory. */
export class EarlyFlow {
  /** @param {Config} config @param {LogField} field */
  constructor(config, field) {
    this.config = config;
    this.method = new DormandPrince(field);
    this.end = new Float64Array(field.size);
  }

  /** Takes one step, which errs little enough. @type {(at: FlowMemory, end: number) => Advanced} */
  advance(at, end) {
    while (!at.stalled) {
      const ratio = at.ratio(this.method.step(at.theta, at.f, at.clock, at.h, this.end));
      const { logLoss, stiffness } = this.method;
      at.spend(EARLY_STAGES);
      const h = at.h * Math.min(5, Math.max(0.2, ratio > 0 ? 0.9 * ratio ** (-1 / 8) : 5));
      if (ratio > 1) {
        at.h = h;
        continue;
      }
      const advanced = this.#lookBack(at, end);
      if (!advanced.done) {
        at.goTo(this.end.slice(), this.method.f.slice(), logLoss, at.clock + at.h, h);
        at.stiff = stiffness > STIFF_AT ? at.stiff + 1 : 0;
      }
      return advanced;
    }
    return { visited: [], done: false };
  }

  /** The states to record on the step just taken, from its dense output. @type {(at: FlowMemory, end: number) => Advanced} */
  #lookBack(at, end) {
    const { theta, clock, h } = at;
    const last = logAddExp(0, end);
    const done = last <= clock + h;
    /** @type {[number, number][]} */
    const due = [];
    for (const c of linesBetween(this.config, clock, clock + h)) {
      if (!done || logExpm1(c) < end) due.push([logExpm1(c), c]);
    }
    if (done) due.push([end, last]);
    if (!due.length) return { visited: [], done };
    const rows = this.method.dense(theta, clock, h, this.end);
    at.spend(DENSE_STAGES);
    return { visited: due.map(([logTime, c]) => [logTime, betweenEnds(theta, rows, (c - clock) / h)]), done };
  }
}

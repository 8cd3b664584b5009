// The flow once the classes are apart: a slow growth along a ray on which every other mode decays.
//
// In the clock s, ds = L dt, d theta/ds = -grad log L, that ray is exact exponential growth and nothing can overflow.
// There stability sets the steps: a pair of order 5 goes on in s to t = e^1500, and then RKC2, whose steps cost only the
// square root of their length. Time follows by quadrature, and W^T W - H H^T is put back after every step.

/** @import { Config } from "../config.js" */
/** @import { LogField, Vector } from "./log_field.js" */
/** @import { FlowMemory, FlowRecord } from "./memory.js" */
import { lineOf, logAddExp } from "../schedule.js";
import { Chebyshev, POWER_ITERATIONS, stagesFor } from "./chebyshev.js";
import { Invariant, logTimePassed } from "./flow_time.js";
import { SHORTEST } from "./limits.js";
import { LATE_ORDER, LATE_STAGES, STABLE, Stabilised } from "./stabilised.js";

/** log t beyond which RKC2 takes the late steps. Before, its order 2 would cost more for the same error. */
const SMOOTH_LOG_TIME = 1500;
/**
 * Most that one step of order 5 adds to log t, relative to log t, over tolerance^(1/4): the error of the cubic for -log L,
 * which gives log t, then falls like the tolerance (1e-6 of log t at 1e-8).
 */
const QUADRATURE = 15;
/** Steps for which a spectral radius over ||grad log L||^2 is trusted, and the factor by which RKC2 enlarges it. */
export const SPECTRUM_STEPS = 25;
export const SPECTRUM_SAFETY = 1.25;
/** A run ends at its log time to this relative accuracy. */
const LANDING = 1e-13;
/** A step this short, relative to ||theta||, changes no entry: only time passes, as where L = e^-2000 and t = e^690. */
const NO_MOVE = 1e-17;

/** A step that was tried: its error over the one allowed, log L and log t at its end. @typedef {{ ratio: number, logLoss: number, logTime: number }} Tried */

/** The late methods. */
export class LateFlow {
  /** @param {Config} config @param {LogField} field @param {Float64Array} imbalance W^T W - H H^T, which the flow conserves */
  constructor(config, field, imbalance) {
    this.config = config;
    this.field = field;
    this.invariant = new Invariant(field, imbalance);
    this.rough = new Stabilised(field);
    this.smooth = new Chebyshev(field);
  }

  /** Takes over from the early method. @type {(at: FlowMemory) => void} */
  begin(at) {
    this.field.at(at.theta, at.f);
    Object.assign(at, { clock: at.logTime, h: 2 / this.field.norm(at.f) ** 2, sinceSpectrum: SPECTRUM_STEPS });
    at.late = true;
    at.spend(1);
  }

  /**
   * Takes one step, which errs little enough: yields the state at its end where that is one to record, null for a pause,
   * and returns whether it reached the end.
   * @type {(at: FlowMemory, end: number) => Generator<FlowRecord | null, boolean, void>}
   */
  *advance(at, end) {
    while (!at.stalled) {
      if (at.sinceSpectrum >= SPECTRUM_STEPS) yield* this.#measureSpectrum(at);
      at.h = Math.min(at.h, this.#longest(at));
      const { ratio, logLoss, logTime } = yield* this.#try(at, at.h);
      const order = isRough(at) ? LATE_ORDER : 3;
      const h = at.h * Math.min(3, Math.max(0.2, ratio > 0 ? 0.8 * ratio ** (-1 / order) : 3));
      if (ratio > 1) {
        at.h = h;
        at.sinceSpectrum = SPECTRUM_STEPS;
        continue;
      }
      if (logTime >= end) {
        const landed = yield* this.#land(at, end, { ratio, logLoss, logTime });
        if (at.stalled) return false;
        yield at.record(end, landed);
        return true;
      }
      this.#restore(at);
      if (lineOf(this.config, at.clock) < lineOf(this.config, logTime)) yield at.record(logTime, at.end);
      at.goOn(logLoss, logTime, h);
      at.sinceSpectrum += 1;
      return false;
    }
    return false;
  }

  /** Puts the invariant back at the end of the step just tried. @type {(at: FlowMemory) => Vector} */
  #restore({ end, endF, trial }) {
    this.invariant.restore(end, endF, trial);
    return end;
  }

  /** @type {(at: FlowMemory) => Generator<null, void, void>} */
  *#measureSpectrum(at) {
    at.spectrum = (yield* this.smooth.spectralRadius(at)) / this.field.norm(at.f) ** 2;
    at.sinceSpectrum = 0;
    at.spend(POWER_ITERATIONS);
  }

  /** The longest step: the pair of order 5 must be stable, and the quadrature of time accurate. @type {(at: FlowMemory) => number} */
  #longest(at) {
    if (!isRough(at)) return Infinity;
    const longest = QUADRATURE * this.config.tolerance ** 0.25 * Math.max(1, at.clock);
    return Math.min(STABLE / Math.max(at.spectrum, SHORTEST), longest) / this.field.norm(at.f) ** 2;
  }

  /**
   * A step of length h in s, to `end`. One that errs too much has no end: it may have flown to where margins are 10^50.
   * @type {(at: FlowMemory, h: number) => Generator<null, Tried, void>}
   */
  *#try(at, h) {
    const slope = this.field.norm(at.f) ** 2;
    const method = isRough(at) ? this.rough : this.smooth;
    const stages = isRough(at) ? LATE_STAGES.length : stagesFor(SPECTRUM_SAFETY * h * at.spectrum * slope);
    const ratio = at.ratio(yield* method.step(at, h, stages));
    at.spend(stages);
    if (ratio > 1) return { ratio, logLoss: Infinity, logTime: at.clock };
    const passed = logTimePassed(h, -at.logLoss, slope, -method.logLoss, this.field.norm(at.endF) ** 2);
    return { ratio, logLoss: method.logLoss, logTime: logAddExp(at.clock, passed - this.field.logWeight) };
  }

  /**
   * Goes to log t = end, inside the step just tried, by Newton's method on the length of the step.
   * @type {(at: FlowMemory, end: number, tried: Tried) => Generator<null, Vector, void>}
   */
  *#land(at, end, tried) {
    const shortest = (NO_MOVE * this.field.norm(at.theta)) / this.field.norm(at.f);
    let [h, { logLoss, logTime }] = [at.h, tried];
    while (Math.abs(logTime - end) > LANDING * Math.max(1, Math.abs(end)) && !at.stalled) {
      const shorter = h - (logTime - end) * Math.exp(logTime + logLoss + this.field.logWeight); // ds = L dt
      h = 0 < shorter && shorter < at.h ? shorter : 0.5 * h;
      if (h < shortest) return at.theta;
      ({ logLoss, logTime } = yield* this.#try(at, h));
    }
    return this.#restore(at);
  }
}

/** Whether the pair of order 5 takes the steps: not in a stiff start, nor once the transients are over. @type {(at: FlowMemory) => boolean} */
function isRough(at) {
  return at.quiet && at.clock < SMOOTH_LOG_TIME;
}

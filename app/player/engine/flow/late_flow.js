// The flow once the classes are apart: a slow growth along a ray on which every other mode decays.
//
// In the clock s, ds = L dt, d theta/ds = -grad log L, that ray is exact exponential growth and nothing can overflow.
// There stability sets the steps: a pair of order 5 goes on in s to t = e^1500, and then RKC2, whose steps cost only the
// square root of their length. Time follows by quadrature, and W^T W - H H^T is put back after every step.

/** @import { Config } from "../config.js" */
/** @import { Advanced } from "./gradient_flow.js" */
/** @import { LogField } from "./log_field.js" */
/** @import { FlowMemory } from "./memory.js" */
import { lineOf, logAddExp } from "../schedule.js";
import { Chebyshev, POWER_ITERATIONS, stagesFor } from "./chebyshev.js";
import { Invariant, logTimePassed } from "./flow_time.js";
import { SHORTEST } from "./limits.js";
import { LATE_ORDER, LATE_STAGES, STABLE, Stabilised } from "./stabilised.js";
import { euclideanNorm } from "./sums.js";

/** log t beyond which RKC2 takes the late steps. Before, its order 2 would cost more for the same error. */
const SMOOTH_LOG_TIME = 1500;
/**
 * Most that one step of order 5 adds to log t, relative to log t, over tolerance^(1/4): the error of the cubic for -log L,
 * which gives log t, then falls like the tolerance (1e-6 of log t at 1e-8).
 */
const QUADRATURE = 15;
/** Steps for which a spectral radius over ||grad log L||^2 is trusted, and the factor by which RKC2 enlarges it. */
const SPECTRUM_STEPS = 25;
const SPECTRUM_SAFETY = 1.25;
/** A run ends at its log time to this relative accuracy. */
const LANDING = 1e-13;
/** A step this short, relative to ||theta||, changes no entry: only time passes, as where L = e^-2000 and t = e^690. */
const NO_MOVE = 1e-17;

/** A step that was tried: its error over the one allowed, log L and log t at its end. @typedef {{ ratio: number, logLoss: number, logTime: number }} Tried */

/** The late methods, and their memory. */
export class LateFlow {
  /** @param {Config} config @param {LogField} field @param {Float64Array} imbalance W^T W - H H^T, which the flow conserves */
  constructor(config, field, imbalance) {
    this.config = config;
    this.field = field;
    this.invariant = new Invariant(imbalance, field.K, field.d, field.size);
    this.rough = new Stabilised(field);
    this.smooth = new Chebyshev(field);
    this.end = new Float64Array(field.size);
    this.endF = new Float64Array(field.size);
  }

  /** Takes over from the early method. @type {(at: FlowMemory) => void} */
  begin(at) {
    const f = new Float64Array(this.field.size);
    this.field.at(at.theta, f);
    Object.assign(at, { f, clock: at.logTime, h: 2 / euclideanNorm(f) ** 2, sinceSpectrum: SPECTRUM_STEPS });
    at.late = true;
    at.spend(1);
  }

  /** Takes one step, which errs little enough. @type {(at: FlowMemory, end: number) => Advanced} */
  advance(at, end) {
    while (!at.stalled) {
      if (at.sinceSpectrum >= SPECTRUM_STEPS) this.#measureSpectrum(at);
      at.h = Math.min(at.h, this.#longest(at));
      const { ratio, logLoss, logTime } = this.#try(at, at.h);
      const order = isRough(at) ? LATE_ORDER : 3;
      const h = at.h * Math.min(3, Math.max(0.2, ratio > 0 ? 0.8 * ratio ** (-1 / order) : 3));
      if (ratio > 1) {
        at.h = h;
        at.sinceSpectrum = SPECTRUM_STEPS;
        continue;
      }
      if (logTime >= end) {
        const landed = this.#land(at, end, { ratio, logLoss, logTime });
        return at.stalled ? { visited: [], done: false } : { visited: [[end, landed]], done: true };
      }
      const due = lineOf(this.config, at.clock) < lineOf(this.config, logTime);
      const [theta, f] = this.#restored();
      at.goTo(theta, f, logLoss, logTime, h);
      at.sinceSpectrum += 1;
      return { visited: due ? [[logTime, theta]] : [], done: false };
    }
    return { visited: [], done: false };
  }

  /** The end of the step just tried and its field, where the invariant is what it was. @type {() => [Float64Array, Float64Array]} */
  #restored() {
    const [theta, f] = [this.end.slice(), this.endF.slice()];
    this.invariant.restore(theta, f);
    return [theta, f];
  }

  /** @type {(at: FlowMemory) => void} */
  #measureSpectrum(at) {
    at.spectrum = this.smooth.spectralRadius(at.theta, at.f) / euclideanNorm(at.f) ** 2;
    at.sinceSpectrum = 0;
    at.spend(POWER_ITERATIONS);
  }

  /** The longest step: the pair of order 5 must be stable, and the quadrature of time accurate. @type {(at: FlowMemory) => number} */
  #longest(at) {
    if (!isRough(at)) return Infinity;
    const longest = QUADRATURE * this.config.tolerance ** 0.25 * Math.max(1, at.clock);
    return Math.min(STABLE / Math.max(at.spectrum, SHORTEST), longest) / euclideanNorm(at.f) ** 2;
  }

  /**
   * A step of length h in s into `end` and `endF`. One that errs too much has no end: it may have flown to where margins
   * are 10^50.
   * @type {(at: FlowMemory, h: number) => Tried}
   */
  #try(at, h) {
    const { theta, f, clock } = at;
    const slope = euclideanNorm(f) ** 2;
    const method = isRough(at) ? this.rough : this.smooth;
    const stages = isRough(at) ? LATE_STAGES.length : stagesFor(SPECTRUM_SAFETY * h * at.spectrum * slope);
    const ratio = at.ratio(method.step(theta, f, h, this.end, this.endF, stages));
    at.spend(stages);
    if (ratio > 1) return { ratio, logLoss: Infinity, logTime: clock };
    const passed = logTimePassed(h, -at.logLoss, slope, -method.logLoss, euclideanNorm(this.endF) ** 2);
    return { ratio, logLoss: method.logLoss, logTime: logAddExp(clock, passed - this.field.logWeight) };
  }

  /**
   * The state at log t = end, inside the step just tried, by Newton's method on the length of the step.
   * @type {(at: FlowMemory, end: number, tried: Tried) => Float64Array}
   */
  #land(at, end, tried) {
    const shortest = (NO_MOVE * euclideanNorm(at.theta)) / euclideanNorm(at.f);
    let [h, { logLoss, logTime }] = [at.h, tried];
    while (Math.abs(logTime - end) > LANDING * Math.max(1, Math.abs(end)) && !at.stalled) {
      const shorter = h - (logTime - end) * Math.exp(logTime + logLoss + this.field.logWeight); // ds = L dt
      h = 0 < shorter && shorter < at.h ? shorter : 0.5 * h;
      if (h < shortest) return at.theta.slice();
      ({ logLoss, logTime } = this.#try(at, h));
    }
    return this.#restored()[0];
  }
}

/** Whether the pair of order 5 takes the steps: not in a stiff start, nor once the transients are over. @type {(at: FlowMemory) => boolean} */
function isRough(at) {
  return at.quiet && at.clock < SMOOTH_LOG_TIME;
}

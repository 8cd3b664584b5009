// The flow d theta/dt = -grad F of a value that has a least one, once its steps are stiff: it comes to rest, and log time
// runs on. As `ulpm_core/dynamics/flow/resting.py`, where its limits are measured.

/** @import { Config } from "../config.js" */
/** @import { LogField, Vector } from "./log_field.js" */
/** @import { FlowMemory, FlowRecord } from "./memory.js" */
import { linesBetween, logAddExp, logExpm1 } from "../schedule.js";
import { Chebyshev, POWER_ITERATIONS, stagesFor } from "./chebyshev.js";
import { SPECTRUM_SAFETY, SPECTRUM_STEPS } from "./late_flow.js";
import { SHORTEST } from "./limits.js";
import { LATE_ORDER, LATE_STAGES, STABLE, Stabilised } from "./stabilised.js";

/** -grad F is rounding where it is this small, relative to the largest curvature times ||theta||, and falls no more. */
const ROUNDED_FORCE = 64 * Number.EPSILON;
/** A state this small is W = 0, H = 0: products of its entries still are numbers. */
const NO_SIZE = 1e-60;
/** So many late steps by the pair of order 5; what is stiffer is left to RKC2. */
const MILD_STEPS = 1000;
/** RKC2 with m stages amplifies rounding m^2 times: of a tolerance it may take a tenth. */
const ROUNDED_STAGES = 0.1 / Number.EPSILON;

/** The late methods. */
export class RestingFlow {
  /** @param {Config} config @param {LogField} field */
  constructor(config, field) {
    this.config = config;
    this.field = field;
    this.mild = new Stabilised(field);
    this.stiff = new Chebyshev(field);
  }

  /** Takes over from the early method: dt = e^c dc. @type {(at: FlowMemory) => void} */
  begin(at) {
    const pace = Math.exp(at.clock);
    this.field.combine(at.f, [at.f], [1 / pace]);
    Object.assign(at, { clock: at.logTime, h: at.h * pace, stiff: 0, sinceSpectrum: SPECTRUM_STEPS });
    at.late = true;
  }

  /** Nothing moves, from where the flow is on. @type {(at: FlowMemory) => void} */
  rest(at) {
    Object.assign(at, { clock: at.logTime, h: Infinity });
    at.late = true;
  }

  /**
   * Takes one step, which errs little enough: yields the states to record on it, null for a pause, and returns whether it
   * reached the end.
   * @type {(at: FlowMemory, end: number) => Generator<FlowRecord | null, boolean, void>}
   */
  *advance(at, end) {
    if (at.atRest) {
      for (const logTime of this.#lines(at.clock, end)) yield at.record(logTime, at.theta);
      yield at.record(end, at.theta);
      return true;
    }
    while (!at.stalled) {
      if (at.sinceSpectrum >= SPECTRUM_STEPS) {
        at.spectrum = yield* this.stiff.spectralRadius(at);
        at.sinceSpectrum = 0;
        at.spend(POWER_ITERATIONS);
      }
      at.h = Math.min(at.h, this.#longest(at));
      const ratio = yield* this.#try(at, at.h);
      const order = isMild(at) ? LATE_ORDER : 3;
      const h = at.h * Math.min(3, Math.max(0.2, ratio > 0 ? 0.8 * ratio ** (-1 / order) : 3));
      if (ratio > 1) {
        at.h = h;
        at.sinceSpectrum = SPECTRUM_STEPS;
        continue;
      }
      const t = Math.exp(at.clock);
      const clock = Math.log(t + at.h);
      const due = this.#lines(at.clock, Math.min(clock, end));
      if (clock >= end) due.push(end);
      aside(at);
      for (const logTime of due) {
        yield* this.#try(at, Math.exp(logTime) - t);
        yield at.record(logTime, at.end);
      }
      aside(at);
      if (clock >= end) return true;
      const rests = this.#rests(at);
      at.goOn(0, clock, rests ? Infinity : h);
      at.stiff += 1;
      at.sinceSpectrum += 1;
      return false;
    }
    return false;
  }

  /** Whether the step just taken has come to rest. @type {(at: FlowMemory) => boolean} */
  #rests({ f, end, endF, spectrum }) {
    const [before, speed, reach] = [f, endF, end].map((vector) => this.field.norm(vector));
    return reach <= NO_SIZE || (speed <= ROUNDED_FORCE * spectrum * reach && speed >= before);
  }

  /** The longest step: the pair of order 5 must be stable, and RKC2 must not amplify rounding. @type {(at: FlowMemory) => number} */
  #longest(at) {
    const most = isMild(at) ? STABLE : (ROUNDED_STAGES * this.config.tolerance) / 1.54;
    return most / (SPECTRUM_SAFETY * Math.max(at.spectrum, SHORTEST));
  }

  /** A step of length h in t: its error over the one allowed. @type {(at: FlowMemory, h: number) => Generator<null, number, void>} */
  *#try(at, h) {
    const stages = isMild(at) ? LATE_STAGES.length : stagesFor(SPECTRUM_SAFETY * h * at.spectrum);
    const ratio = at.ratio(yield* (isMild(at) ? this.mild : this.stiff).step(at, h, stages));
    at.spend(stages);
    return ratio;
  }

  /** log t of the lines of the schedule between two log times. @type {(after: number, before: number) => number[]} */
  #lines(after, before) {
    const lines = linesBetween(this.config, logAddExp(0, after), logAddExp(0, before)).map(logExpm1);
    return lines.filter((logTime) => after < logTime && logTime < before);
  }
}

/** Puts the end of a step where no late method writes, or takes it from there. @type {(at: FlowMemory) => void} */
function aside(at) {
  const last = at.stages.length - 1;
  [at.end, at.stages[last]] = [at.stages[last], at.end];
  [at.endF, at.stages[last - 1]] = [at.stages[last - 1], at.endF];
}

/** Whether the pair of order 5 takes the steps. @type {(at: FlowMemory) => boolean} */
function isMild(at) {
  return at.stiff < MILD_STEPS;
}

// One step of RKC2, the second-order Runge-Kutta-Chebyshev method, on d theta/ds = -grad log L, and its spectrum.
//
// Sommeijer, Shampine, Verwer, "RKC: an explicit solver for parabolic PDEs", J. Comput. Appl. Math. 88 (1998): with m
// stages it is stable up to h |eigenvalue| = 0.65 m^2, so the cost of a step grows only like the square root of its
// length. The spectrum must be real: it is, the field being a gradient.

/** @import { State } from "../types.d.ts" */
/** @import { FlowMemory } from "./memory.js" */
/** @import { LogField } from "./log_field.js" */

const DAMPING = 2 / 13;
export const POWER_ITERATIONS = 12;
/**
 * Length of the difference quotients of the power iteration, relative to 1/||theta||, or to a smaller ||theta||: about the
 * most that a margin may change along them. Where margins turn over within 1 of 0, longer ones see too little of the
 * curvature; at margins of 10^8 shorter ones drown in rounding. Two digits of the spectrum are enough.
 */
const NUDGE = 0.01;
/** Rows of samples are padded to a multiple of this in the compiled engine. */
const PADDED_TO = 8;

/** The fewest stages, at least 2, that are stable at h |eigenvalue| = stiffness. @type {(stiffness: number) => number} */
export function stagesFor(stiffness) {
  return Math.max(2, 1 + Math.floor(Math.sqrt(1 + 1.54 * stiffness)));
}

/** The Chebyshev polynomials T_j at w0 with their first two derivatives, from j = 1 on. */
class Polynomials {
  /** @param {number} w0 */
  constructor(w0) {
    this.w0 = w0;
    this.T = [1, w0];
    this.D = [0, 1];
    this.S = [0, 0];
  }

  /** Goes on to the next j; what is last in `T`, `D` and `S` is that one's. */
  next() {
    const { w0, T, D, S } = this;
    const turned = [2 * w0 * T[1] - T[0], 2 * w0 * D[1] - D[0] + 2 * T[1], 2 * w0 * S[1] - S[0] + 4 * D[1]];
    for (const [which, track] of [T, D, S].entries()) {
      track[0] = track[1];
      track[1] = turned[which];
    }
  }
}

/**
 * The direction in which power iteration starts: it has no symmetry of the problem, so some of every eigenvector is in it.
 * It is Python's, whose rows of H are padded: where it has not converged, both see the same spectrum.
 * @type {(field: LogField) => State}
 */
function firstDirection({ K, d, N }) {
  const padded = Math.ceil(N / PADDED_TO) * PADDED_TO;
  const entry = (/** @type {number} */ i) => Math.cos(1 + 7 * i);
  return {
    W: Float64Array.from({ length: K * d }, (_, i) => entry((i % d) * K + Math.floor(i / d))),
    H: Float64Array.from({ length: d * N }, (_, i) => entry(d * K + Math.floor(i / N) * padded + (i % N))),
  };
}

/** The steps of a flow, and the spectrum of its field's derivative. */
export class Chebyshev {
  /** @param {LogField} field */
  constructor(field) {
    this.field = field;
    this.first = firstDirection(field);
    this.logLoss = NaN;
  }

  /**
   * One step of length h in m stages; returns the norm of the error and leaves log L at its end.
   *
   * With Chebyshev polynomials T_j at w0 = 1 + damping/m^2, w1 = T_m'/T_m'', b_j = T_j''/T_j'^2, a_j = 1 - b_j T_j:
   * Y_j = (1 - mu - nu) Y_0 + mu Y_{j-1} + nu Y_{j-2} + mu' h F_{j-1} + g' h F_0,
   * mu = 2 b_j w0/b_{j-1}, nu = -b_j/b_{j-2}, mu' = 2 b_j w1/b_{j-1}, g' = -a_{j-1} mu'.
   * @type {(at: FlowMemory, h: number, m: number) => Generator<null, number, void>}
   */
  *step(at, h, m) {
    const { field } = this;
    const { theta, f, end, endF } = at;
    const w0 = 1 + DAMPING / (m * m);
    const ends = new Polynomials(w0);
    for (let j = 2; j <= m; j += 1) ends.next();
    const w1 = ends.D[1] / ends.S[1];
    let b0 = 1 / (4 * w0 * w0);
    let b1 = b0;
    let a1 = 1 - b1 * w0;
    let [before, last, now] = [theta, at.stages[0], at.stages[1]];
    const F = at.stages[3];
    field.combine(last, [theta, f], [1, b1 * w1 * h]);
    const polynomials = new Polynomials(w0);
    for (let j = 2; j <= m; j += 1) {
      polynomials.next();
      const { T, D, S } = polynomials;
      const b = S[1] / (D[1] * D[1]);
      const mu = (2 * b * w0) / b1;
      const nu = -b / b0;
      const reach = (h * 2 * b * w1) / b1;
      field.at(last, F);
      field.combine(now, [theta, last, before, F, f], [1 - mu - nu, mu, nu, reach, -reach * a1]);
      [before, last, now] = [last, now, j === 2 ? at.stages[2] : before];
      [b0, b1, a1] = [b1, b, 1 - b * T[1]];
      if (field.pauses) yield null;
    }
    field.combine(end, [last], [1]);
    this.logLoss = field.at(end, endF);
    field.combine(F, [theta, end, f, endF], [0.8, -0.8, 0.4 * h, 0.4 * h]);
    const error = field.norm(F);
    return Number.isFinite(error) ? error : Infinity;
  }

  /**
   * The largest |eigenvalue| of the field's derivative at theta, by power iteration on difference quotients.
   * @type {(at: FlowMemory) => Generator<null, number, void>}
   */
  *spectralRadius({ theta, f, trial, stages: [direction] }) {
    const { field } = this;
    const size = field.norm(theta);
    const length = size > 1 ? NUDGE / size : NUDGE * size;
    let radius = 0;
    field.write(direction, this.first);
    for (let iteration = 0; iteration < POWER_ITERATIONS; iteration += 1) {
      field.combine(trial, [theta, direction], [1, length / field.norm(direction)]);
      field.at(trial, direction);
      field.combine(direction, [direction, f], [1, -1]);
      radius = field.norm(direction) / length;
      if (radius === 0) break;
      if (field.pauses) yield null;
    }
    return radius;
  }
}

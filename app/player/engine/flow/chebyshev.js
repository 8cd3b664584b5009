// One step of RKC2, the second-order Runge-Kutta-Chebyshev method, on d theta/ds = -grad log L, and its spectrum.
//
// Sommeijer, Shampine, Verwer, "RKC: an explicit solver for parabolic PDEs", J. Comput. Appl. Math. 88 (1998): with m
// stages it is stable up to h |eigenvalue| = 0.65 m^2, so the cost of a step grows only like the square root of its
// length. The spectrum must be real: it is, the field being a gradient.

/** @import { LogField } from "./log_field.js" */
import { euclideanNorm } from "./sums.js";

const DAMPING = 2 / 13;
export const POWER_ITERATIONS = 12;
/**
 * Length of the difference quotients of the power iteration, relative to 1/||theta||: about the most that a margin may
 * change along them. Where margins turn over within 1 of 0, longer ones see too little of the curvature; at margins of
 * 10^8 shorter ones drown in rounding. Two digits of the spectrum are enough.
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
 * @type {(field: LogField) => Float64Array}
 */
function firstDirection({ size, K, d }) {
  const N = size / d - K;
  const padding = Math.ceil(N / PADDED_TO) * PADDED_TO - N;
  return Float64Array.from({ length: size }, (_, i) => {
    const row = Math.max(0, Math.floor((i - d * K) / N));
    return Math.cos(1 + 7 * (i + row * padding));
  });
}

/** Steps of a field, the spectrum of its derivative, and the memory that they need. */
export class Chebyshev {
  /** @param {LogField} field */
  constructor(field) {
    this.field = field;
    this.rows = Array.from({ length: 4 }, () => new Float64Array(field.size));
    this.first = firstDirection(field);
    this.logLoss = NaN;
  }

  /**
   * From theta, where the field is f, to `end`, where it is `endF`, in m stages; returns the norm of the error and leaves
   * log L there.
   *
   * With Chebyshev polynomials T_j at w0 = 1 + damping/m^2, w1 = T_m'/T_m'', b_j = T_j''/T_j'^2, a_j = 1 - b_j T_j:
   * Y_j = (1 - mu - nu) Y_0 + mu Y_{j-1} + nu Y_{j-2} + mu' h F_{j-1} + g' h F_0,
   * mu = 2 b_j w0/b_{j-1}, nu = -b_j/b_{j-2}, mu' = 2 b_j w1/b_{j-1}, g' = -a_{j-1} mu'.
   * @type {(theta: Float64Array, f: Float64Array, h: number, end: Float64Array, endF: Float64Array, m: number) => number}
   */
  step(theta, f, h, end, endF, m) {
    const w0 = 1 + DAMPING / (m * m);
    const ends = new Polynomials(w0);
    for (let j = 2; j <= m; j += 1) ends.next();
    const w1 = ends.D[1] / ends.S[1];
    let b0 = 1 / (4 * w0 * w0);
    let b1 = b0;
    let a1 = 1 - b1 * w0;
    let [before, last, now] = this.rows;
    const F = this.rows[3];
    before.set(theta);
    for (let i = 0; i < theta.length; i += 1) last[i] = theta[i] + b1 * w1 * h * f[i];
    const at = new Polynomials(w0);
    for (let j = 2; j <= m; j += 1) {
      at.next();
      const b = at.S[1] / (at.D[1] * at.D[1]);
      const mu = (2 * b * w0) / b1;
      const nu = -b / b0;
      const reach = (h * 2 * b * w1) / b1;
      this.field.at(last, F);
      for (let i = 0; i < theta.length; i += 1) {
        now[i] = (1 - mu - nu) * theta[i] + mu * last[i] + nu * before[i] + reach * (F[i] - a1 * f[i]);
      }
      [before, last, now] = [last, now, before];
      [b0, b1, a1] = [b1, b, 1 - b * at.T[1]];
    }
    end.set(last);
    this.logLoss = this.field.at(end, endF);
    for (let i = 0; i < theta.length; i += 1) F[i] = 0.8 * (theta[i] - end[i]) + 0.4 * h * (f[i] + endF[i]);
    const error = euclideanNorm(F);
    return Number.isFinite(error) ? error : Infinity;
  }

  /**
   * The largest |eigenvalue| of the field's derivative at theta, by power iteration on difference quotients.
   * @type {(theta: Float64Array, f: Float64Array) => number}
   */
  spectralRadius(theta, f) {
    const [direction, nudged, moved] = this.rows;
    const length = NUDGE / euclideanNorm(theta);
    let radius = 0;
    direction.set(this.first);
    for (let iteration = 0; iteration < POWER_ITERATIONS; iteration += 1) {
      const share = length / euclideanNorm(direction);
      for (let i = 0; i < theta.length; i += 1) nudged[i] = theta[i] + share * direction[i];
      this.field.at(nudged, moved);
      for (let i = 0; i < theta.length; i += 1) direction[i] = moved[i] - f[i];
      radius = euclideanNorm(direction) / length;
      if (radius === 0) break;
    }
    return radius;
  }
}

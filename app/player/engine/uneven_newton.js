// Newton's method for f + c (sum_g (K_g - 1) s_g^2 + (||P||^2 + ||Q||^2) / 2) of x = (s, P, Q), with (m, m) matrices P and
// Q, as `_Problem` in `ulpm_core/model/uneven.py`.

/** @import { Loss } from "./parts.d.ts" */
/** @import { KindsOfSizes } from "./uneven.js" */
import { multiply, singularValues, transposed } from "./linear_algebra.js";
import { symmetricEigen } from "./symmetric_eigen.js";

const MOST_NEWTON = 200;
/** Damping at which no step lowers the value by more than its rounding. */
const STUCK = 1e3;
/** Share by which rounding makes two values differ. */
const ALIKE = 1e-13;
/** Added to the curvatures, of which those along rotations are 0, as a share of c. */
const FLAT = 1e-12;
/** Largest share by which rounding lets a slope exceed its bound at an optimum. */
const STEEPER = 1e-6;

/** @typedef {{ s: Float64Array, P: Float64Array, Q: Float64Array }} Factors */
/**
 * The problem: its value, gradient and Hessian, and df/db (m) and df/dY (m, m) for b = s^2 and Y = P Q^T.
 * @typedef {{ m: number, c: number, count: number[], split: (x: Float64Array) => Factors, f: (x: Float64Array) => number, value: (x: Float64Array) => number, slopes: (x: Float64Array) => { ofB: Float64Array, F: Float64Array }, gradient: (x: Float64Array) => Float64Array, hessian: (x: Float64Array) => Float64Array }} UnevenProblem
 */

/** @type {(loss: Loss, kinds: KindsOfSizes, c: number, power: number) => UnevenProblem} */
export function slopesOf(loss, { size, ofClass, count, first }, c, power) {
  const [m, K] = [size.length, ofClass.length];
  const weight = size.map((n, g) => n * count[g]);
  /** Of each column of Z its parts along b_g and along the column g of Y, (K, m + 1). */
  const bases = size.map((n, g) => Float64Array.from({ length: K * (m + 1) }, (_, i) => {
    const [k, part] = [Math.floor(i / (m + 1)), i % (m + 1)];
    const own = (k === first[g] ? 1 : 0) - (ofClass[k] === g ? 1 / count[g] : 0);
    const across = ofClass[k] === part - 1 ? 1 / Math.sqrt(count[part - 1] * count[g]) : 0;
    return (part ? across : own) / n ** power;
  }));
  const split = (/** @type {Float64Array} */ x) => ({ s: x.subarray(0, m), P: x.subarray(m, m + m * m), Q: x.subarray(m + m * m) });
  /** Z (K, m), a column for each size. @type {(x: Float64Array) => Float64Array} */
  const logits = (x) => {
    const [{ s, P, Q }, Z] = [split(x), new Float64Array(K * m)];
    for (let g = 0; g < m; g += 1) {
      for (let part = 0; part <= m; part += 1) {
        const inner = part ? m : 0;
        let along = part ? 0 : s[g] ** 2;
        for (let j = 0; j < inner; j += 1) along += P[(part - 1) * m + j] * Q[g * m + j];
        for (let k = 0; k < K; k += 1) Z[k * m + g] += bases[g][k * (m + 1) + part] * along;
      }
    }
    return Z;
  };
  const f = (/** @type {Float64Array} */ x) => {
    const Z = logits(x);
    return weight.reduce((sum, n, g) => sum + n * Math.exp(loss.logSample(Z, m, K, g, first[g])), 0);
  };
  const slopes = (/** @type {Float64Array} */ x) => {
    const G = loss.residual(logits(x), m, first, K);
    const [ofB, F] = [new Float64Array(m), new Float64Array(m * m)];
    for (let g = 0; g < m; g += 1) {
      for (let k = 0; k < K; k += 1) {
        const pull = weight[g] * G[k * m + g];
        ofB[g] += bases[g][k * (m + 1)] * pull;
        for (let h = 0; h < m; h += 1) F[h * m + g] += bases[g][k * (m + 1) + h + 1] * pull;
      }
    }
    return { ofB, F };
  };
  return {
    m, c, count, split, f, slopes,
    value(x) {
      const held = split(x).s.reduce((sum, s, g) => sum + (count[g] - 1) * s * s, 0);
      return f(x) + c * (held + x.subarray(m).reduce((sum, entry) => sum + entry * entry, 0) / 2);
    },
    gradient(x) {
      const [{ s, P, Q }, { ofB, F }, slope] = [split(x), slopes(x), Float64Array.from(x, (entry) => c * entry)];
      for (let g = 0; g < m; g += 1) slope[g] = 2 * s[g] * (ofB[g] + c * (count[g] - 1));
      for (let h = 0; h < m; h += 1) {
        for (let g = 0; g < m; g += 1) {
          for (let j = 0; j < m; j += 1) {
            slope[m + h * m + j] += F[h * m + g] * Q[g * m + j];
            slope[m + m * m + g * m + j] += F[h * m + g] * P[h * m + j];
          }
        }
      }
      return slope;
    },
    hessian(x) {
      const [{ s, P, Q }, { ofB, F }, Z, n] = [split(x), slopes(x), logits(x), x.length];
      const total = new Float64Array(n * n);
      for (let g = 0; g < m; g += 1) total[g * n + g] += 2 * (ofB[g] + c * (count[g] - 1));
      for (let i = m; i < n; i += 1) total[i * n + i] += c;
      for (let h = 0; h < m; h += 1) {
        for (let g = 0; g < m; g += 1) {
          for (let j = 0; j < m; j += 1) { // 2 <F, dP dQ^T>
            const [p, q] = [m + h * m + j, m + m * m + g * m + j];
            total[p * n + q] += F[h * m + g];
            total[q * n + p] += F[h * m + g];
          }
        }
      }
      for (let g = 0; g < m; g += 1) {
        const moved = Array.from({ length: m + 1 }, (_, part) => movedBy(part, g, m, s, P, Q));
        const curved = curvatureOf(bases[g], g, Z).map((entry) => weight[g] * entry);
        for (let one = 0; one <= m; one += 1) {
          for (let other = 0; other <= m; other += 1) {
            const by = curved[one * (m + 1) + other];
            for (const [i, a] of moved[one]) for (const [j, b] of moved[other]) total[i * n + j] += a * by * b;
          }
        }
      }
      return total;
    },
  };

  /** B^T l''(z) B of a column of Z, (m + 1, m + 1). @type {(basis: Float64Array, g: number, Z: Float64Array) => Float64Array} */
  function curvatureOf(basis, g, Z) {
    const repeated = Float64Array.from({ length: K * (m + 1) }, (_, i) => Z[Math.floor(i / (m + 1)) * m + g]);
    const bent = loss.curvature(repeated, Float64Array.from(basis), m + 1, K);
    const found = new Float64Array((m + 1) ** 2);
    for (let k = 0; k < K; k += 1) {
      for (let i = 0; i < found.length; i += 1) found[i] += basis[k * (m + 1) + Math.floor(i / (m + 1))] * bent[k * (m + 1) + (i % (m + 1))];
    }
    return found;
  }
}

/** d b_g / dx, or d Y[part - 1, g] / dx: the places where it is not 0, and what it is there. @type {(part: number, g: number, m: number, s: Float64Array, P: Float64Array, Q: Float64Array) => [number, number][]} */
function movedBy(part, g, m, s, P, Q) {
  if (!part) return [[g, 2 * s[g]]];
  const h = part - 1;
  return Array.from({ length: 2 * m }, (_, i) => (i < m ? [m + h * m + i, Q[g * m + i]] : [m + m * m + g * m + i - m, P[h * m + i - m]]));
}

/** Damped until the value falls; null where the end is not proved to be least. `merged`: among Z in which the smallest classes are alike. @type {(problem: UnevenProblem, merged: boolean) => Float64Array | null} */
export function leastOf(problem, merged) {
  const { m, c, count } = problem;
  const n = m + 2 * m * m;
  let x = Float64Array.from({ length: n }, (_, i) => (i < m ? Number(count[i] > 1 && !(merged && i === 0)) : Number(((i - m) % (m * m)) % (m + 1) === 0)));
  let [value, slope, damping] = [problem.value(x), problem.gradient(x), 1e-3];
  for (let step = 0; step < MOST_NEWTON; step += 1) {
    const { values, vectors } = symmetricEigen(problem.hessian(x), n);
    const shift = Math.max(0, -2 * values[n - 1]) + damping * values[0] + FLAT * c;
    const by = solved(values, vectors, shift, slope);
    const there = x.map((entry, i) => entry - by[i]);
    const [next, sloping] = [problem.value(there), problem.gradient(there)];
    const flatter = 2 * euclidean(sloping) < euclidean(slope);
    if (next < value - ALIKE * Math.abs(value) || (next <= value + ALIKE * Math.abs(value) && flatter)) {
      [x, value, slope, damping] = [there, next, sloping, damping / 10];
    } else if (damping > STUCK) break;
    else damping = Math.max(damping, 1e-3) * 10;
  }
  const { ofB, F } = problem.slopes(x);
  const steepest = Math.max(...ofB.map((b, g) => (merged && g === 0 ? 0 : Math.abs(b) / Math.max(count[g] - 1, 1))), singularValues(F, m, m).S[0]);
  return steepest <= c * (1 + STEEPER) ? x : null;
}

/** (A + shift)^-1 b, from eigenvalues and eigenvectors of A. @type {(values: Float64Array, vectors: Float64Array, shift: number, b: Float64Array) => Float64Array} */
function solved(values, vectors, shift, b) {
  const n = values.length;
  const along = multiply(transposed(vectors, n, n), b, n, n, 1).map((entry, k) => entry / (values[k] + shift));
  return multiply(vectors, along, n, n, 1);
}

/** @type {(A: Float64Array) => number} */
function euclidean(A) {
  return Math.sqrt(A.reduce((sum, entry) => sum + entry * entry, 0));
}

// The simplex equiangular tight frame and the minimum-norm optimum built on it, as in ulpm_core/model/etf.py.

/** @import { State } from "./types.d.ts" */
import { multiply, multiplyTransposed } from "./linear_algebra.js";
import { encodingFactors } from "./losses/encoding.js";

/**
 * M (K, d) with M M^T = I - 11^T/K: K vectors of squared norm (K-1)/K and inner products -1/K, rows in the first K-1
 * coordinates (Helmert basis). Needs d >= K - 1 (docs/theory.md 1.3).
 * @type {(classes: number, dimension: number) => Float64Array}
 */
export function simplexEtf(classes, dimension) {
  const M = new Float64Array(classes * dimension);
  for (let j = 1; j < classes; j += 1) {
    const length = Math.sqrt(j * (j + 1));
    for (let k = 0; k < j; k += 1) M[k * dimension + j - 1] = 1 / length;
    M[j * dimension + j - 1] = -j / length;
  }
  return M;
}

/** H (d, N) of class means, the rows of a (K, d): each class's column as often as it has samples. @type {(means: Float64Array, sizes: number[], dimension: number) => Float64Array} */
export function repeatedColumns(means, sizes, dimension) {
  const samples = sizes.reduce((sum, size) => sum + size, 0);
  const H = new Float64Array(dimension * samples);
  let from = 0;
  sizes.forEach((size, k) => {
    for (let r = 0; r < dimension; r += 1) H.fill(means[k * dimension + r], r * samples + from, r * samples + from + size);
    from += size;
  });
  return H;
}

/**
 * The global optimum of the minimum-norm separation problem, W = n^(1/4) M and h_{k,i} = n^(-1/4) m_k: all margins
 * exactly 1 (docs/theory.md 2.3).
 * @type {(classes: number, dimension: number, perClass: number) => State}
 */
export function minimumNormOptimum(classes, dimension, perClass) {
  const [M, scale] = [simplexEtf(classes, dimension), perClass ** 0.25];
  const sizes = Array.from({ length: classes }, () => perClass);
  return { W: M.map((entry) => scale * entry), H: repeatedColumns(M.map((entry) => entry / scale), sizes, dimension) };
}

/**
 * The same for classes of any sizes n_k: W = (Pi D Pi)^(1/4) M, H = M^T (Pi D Pi)^(+1/4) Y (docs/theory.md 6.1).
 * @type {(sizes: number[], dimension: number) => State}
 */
export function unevenOptimum(sizes, dimension) {
  const [M, { U, S }] = [simplexEtf(sizes.length, dimension), encodingFactors(sizes)];
  const means = multiply(symmetricOf(U, S.map((s) => 1 / Math.sqrt(s))), M, sizes.length, sizes.length, dimension);
  const W = multiply(symmetricOf(U, S.map(Math.sqrt)), M, sizes.length, sizes.length, dimension);
  return { W, H: repeatedColumns(means, sizes, dimension) };
}

/** U diag(values) U^T of U (K, K-1). @type {(U: Float64Array, values: Float64Array) => Float64Array} */
function symmetricOf(U, values) {
  const [r, K] = [values.length, values.length + 1];
  return multiplyTransposed(U.map((entry, at) => entry * values[at % r]), U, K, r, K);
}

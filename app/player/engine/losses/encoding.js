// Singular values and vectors of labels that are encoded as the corners of a simplex.

import { singularValues } from "../linear_algebra.js";

/**
 * U (K, K-1), S and V (K, K-1) with Pi D^(1/2) = U diag(S) V^T, for D = diag(n_k) and Pi = I - 11^T/K: S are the
 * singular values of Pi Y = U diag(S) V^T D^(-1/2) Y (docs/theory.md 6.1).
 * @type {(sizes: number[]) => { U: Float64Array, S: Float64Array, V: Float64Array }}
 */
export function encodingFactors(sizes) {
  const K = sizes.length;
  const encoded = Float64Array.from({ length: K * K }, (_, i) => ((i % (K + 1) === 0 ? 1 : 0) - 1 / K) * Math.sqrt(sizes[i % K]));
  const { U, S, V } = singularValues(encoded, K, K);
  return { U: firstColumns(U, K, K - 1), S: S.slice(0, K - 1), V: firstColumns(V, K, K - 1) };
}

/** The first columns of a matrix of so many. @type {(A: Float64Array, columns: number, kept: number) => Float64Array} */
export function firstColumns(A, columns, kept) {
  return A.filter((_, i) => i % columns < kept);
}

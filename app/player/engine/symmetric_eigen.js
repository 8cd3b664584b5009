// Eigenvalues and eigenvectors of symmetric matrices, flat and row after row, as NumPy has them.

import { EPSILON, dotOf, turn } from "./linear_algebra.js";

const MOST_SHIFTS = 60;

/**
 * The eigenvalues of a symmetric matrix, falling, and its eigenvectors as the columns of an (n, n) matrix: Householder's
 * reduction to a tridiagonal one, then QL with implicit shifts (Golub and Van Loan 2013, 8.3).
 * @type {(A: Float64Array, n: number) => { values: Float64Array, vectors: Float64Array }}
 */
export function symmetricEigen(A, n) {
  const rest = Float64Array.from(A);
  const basis = new Float64Array(n * n); // row k becomes eigenvector k
  for (let i = 0; i < n; i += 1) basis[i * n + i] = 1;
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  tridiagonal(rest, basis, diagonal, beside, n);
  diagonalise(basis, diagonal, beside, n);
  const order = Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[j] - diagonal[i] || i - j);
  const vectors = new Float64Array(n * n);
  order.forEach((i, k) => {
    for (let c = 0; c < n; c += 1) vectors[c * n + k] = basis[i * n + c];
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors };
}

/** T = Q A Q^T with reflections Q, which `basis` takes: T's diagonal and what is beside it. @type {(A: Float64Array, basis: Float64Array, diagonal: Float64Array, beside: Float64Array, n: number) => void} */
function tridiagonal(A, basis, diagonal, beside, n) {
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 2; k += 1) {
    let largest = 0;
    for (let i = k + 1; i < n; i += 1) largest = Math.max(largest, Math.abs(A[i * n + k]));
    if (!(largest > 0)) continue;
    let square = 0;
    for (let i = k + 1; i < n; i += 1) {
      v[i] = A[i * n + k] / largest;
      square += v[i] * v[i];
    }
    const head = v[k + 1] < 0 ? -Math.sqrt(square) : Math.sqrt(square);
    v[k + 1] += head;
    const twice = 1 / (head * v[k + 1]); // 2 / |v|^2
    let along = 0;
    for (let i = k + 1; i < n; i += 1) {
      p[i] = twice * dotOf(A, i * n + k + 1, v, k + 1, n - k - 1);
      along += p[i] * v[i];
    }
    for (let i = k + 1; i < n; i += 1) p[i] -= 0.5 * twice * along * v[i];
    for (let i = k + 1; i < n; i += 1) for (let j = k + 1; j < n; j += 1) A[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    A[(k + 1) * n + k] = -head * largest;
    p.fill(0);
    for (let i = k + 1; i < n; i += 1) for (let c = 0; c < n; c += 1) p[c] += v[i] * basis[i * n + c];
    for (let i = k + 1; i < n; i += 1) for (let c = 0; c < n; c += 1) basis[i * n + c] -= twice * v[i] * p[c];
  }
  for (let i = 0; i < n; i += 1) diagonal[i] = A[i * n + i];
  for (let i = 0; i < n - 1; i += 1) beside[i] = A[(i + 1) * n + i];
}

/** QL with implicit shifts: what is beside the diagonal tends to 0, and `basis` turns with it. @type {(basis: Float64Array, diagonal: Float64Array, beside: Float64Array, n: number) => void} */
function diagonalise(basis, diagonal, beside, n) {
  let size = 0;
  for (let i = 0; i < n; i += 1) size = Math.max(size, Math.abs(diagonal[i]) + Math.abs(beside[i]));
  const negligible = EPSILON * size;
  for (let low = 0; low < n; low += 1) {
    for (let shifts = 0; shifts < MOST_SHIFTS; shifts += 1) {
      let high = low;
      while (high < n - 1 && Math.abs(beside[high]) > negligible) high += 1;
      if (high === low) break;
      chase(basis, diagonal, beside, n, low, high);
    }
  }
}

/** One shift, chased from row `high` up to row `low`. @type {(basis: Float64Array, diagonal: Float64Array, beside: Float64Array, n: number, low: number, high: number) => void} */
function chase(basis, diagonal, beside, n, low, high) {
  const half = (diagonal[low + 1] - diagonal[low]) / (2 * beside[low]);
  const root = Math.hypot(half, 1);
  let g = diagonal[high] - diagonal[low] + beside[low] / (half + (half < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let carried = 0;
  for (let i = high - 1; i >= low; i -= 1) {
    const f = sine * beside[i];
    const b = cosine * beside[i];
    const r = Math.hypot(f, g);
    beside[i + 1] = r;
    if (r === 0) { // it falls apart here
      diagonal[i + 1] -= carried;
      beside[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1] - carried;
    const s = (diagonal[i] - g) * sine + 2 * cosine * b;
    carried = sine * s;
    diagonal[i + 1] = g + carried;
    g = cosine * s - b;
    turn(basis, i * n, (i + 1) * n, n, cosine, sine);
  }
  diagonal[low] -= carried;
  beside[low] = g;
  beside[high] = 0;
}

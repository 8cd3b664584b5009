// The time that passes in a late step of the flow, and the invariant that none may change, restored.

import { symmetricEigen } from "../symmetric_eigen.js";
import { addRows, rowProducts } from "./sums.js";

/** Gauss and Legendre's nodes and weights on (-1, 1). */
export const NODES = [
  -0.9602898564975362, -0.7966664774136267, -0.525532409916329, -0.18343464249564978,
  0.18343464249564978, 0.525532409916329, 0.7966664774136267, 0.9602898564975362,
];
export const NODE_WEIGHTS = [
  0.10122853629037706, 0.22238103445337443, 0.3137066458778869, 0.36268378337836166,
  0.36268378337836166, 0.3137066458778869, 0.22238103445337443, 0.10122853629037706,
];
/** Growth of the exponent over one quadrature panel: eight Gauss points integrate e^x over it to 1e-15. */
const PANEL = 1.5;
/** e^-45 of the largest value adds nothing in float64. */
const NEGLIGIBLE = 45;
/** Directions with less than this share of the largest spread hold none of W or H, and need no correction. */
const NO_SPREAD = 1e-12;

/** The cubic with these values and slopes at 0 and h. @type {(x: number, h: number, y0: number, slope0: number, y1: number, slope1: number) => number} */
function hermiteCubic(x, h, y0, slope0, y1, slope1) {
  const u = x / h;
  const start = y0 * (1 + 2 * u) + slope0 * h * u;
  const end = y1 * (3 - 2 * u) - slope1 * h * (1 - u);
  return start * (1 - u) ** 2 + end * u * u;
}

/**
 * log of integral_0^h e^y(s) ds for y = -log L, whose slope is ||grad log L||^2: time t = integral ds / L.
 *
 * y is the cubic through both ends of the step; from the end backwards, where nearly all of the integral lies.
 * @type {(h: number, y0: number, slope0: number, y1: number, slope1: number) => number}
 */
export function logTimePassed(h, y0, slope0, y1, slope1) {
  const steepest = Math.max(slope0, slope1, Math.abs(y1 - y0) / h);
  const top = Math.max(y0, y1);
  let [total, right] = [0, h];
  while (right > 0) {
    const width = Math.min(right, PANEL / steepest);
    for (let node = 0; node < NODES.length; node += 1) {
      const x = right - 0.5 * width * (1 - NODES[node]);
      total += 0.5 * width * NODE_WEIGHTS[node] * Math.exp(hermiteCubic(x, h, y0, slope0, y1, slope1) - top);
    }
    right -= width;
    if (hermiteCubic(right, h, y0, slope0, y1, slope1) < top - NEGLIGIBLE) break;
  }
  return top + Math.log(total);
}

/** W^T W - H H^T (d, d), the same along the whole flow (docs/theory.md 5.1). @type {(theta: Float64Array, K: number, d: number) => Float64Array} */
export function imbalanceOf(theta, K, d) {
  const N = theta.length / d - K;
  const [C, row] = [new Float64Array(d * d), new Float64Array(d)];
  for (let r = 0; r < d; r += 1) {
    rowProducts(C, r * d, 1, K, theta, r * K, theta, 0, d);
    rowProducts(row, 0, 1, N, theta, d * K + r * N, theta, d * K, d);
    for (let c = 0; c < d; c += 1) C[r * d + c] -= row[c];
  }
  return C;
}

/** Puts W^T W - H H^T back after a step; holds the memory that this needs. */
export class Invariant {
  /** @param {Float64Array} imbalance (d, d), the one to keep @param {number} K @param {number} d @param {number} size of theta */
  constructor(imbalance, K, d, size) {
    this.imbalance = imbalance;
    this.K = K;
    this.d = d;
    this.centred = new Float64Array(d * K);
    this.moved = new Float64Array(size);
  }

  /**
   * Moves theta, in place, back to W^T W - H H^T = `imbalance`, and turns its field f along with it.
   *
   * With Wc the centred classifiers, (Wc, H) -> (Wc (I + S), (I - S) H), S symmetric, keeps sum_k w_k and to first order
   * every difference of logits, hence G; S solves S A + A S = imbalance - (W^T W - H H^T) with A = Wc^T Wc + H H^T, in
   * the eigenbasis of A. The flow conserves the imbalance exactly, its steps only nearly, so this projects (Hairer,
   * Lubich, Wanner, "Geometric Numerical Integration", IV.4).
   * @type {(theta: Float64Array, f: Float64Array) => void}
   */
  restore(theta, f) {
    const { K, d, centred, moved } = this;
    for (let r = 0; r < d; r += 1) {
      let mean = 0;
      for (let k = 0; k < K; k += 1) mean += theta[r * K + k] / K;
      for (let k = 0; k < K; k += 1) centred[r * K + k] = theta[r * K + k] - mean;
    }
    const S = this.#strain(theta);
    this.#strained(S, centred, theta);
    for (let i = 0; i < d * K; i += 1) theta[i] += moved[i];
    for (let i = d * K; i < theta.length; i += 1) theta[i] -= moved[i];
    this.#strained(S, f, f);
    for (let i = 0; i < d * K; i += 1) f[i] -= moved[i];
    for (let i = d * K; i < f.length; i += 1) f[i] += moved[i];
  }

  /** S (d, d) at theta. @type {(theta: Float64Array) => Float64Array} */
  #strain(theta) {
    const { K, d, centred, imbalance } = this;
    const N = theta.length / d - K;
    const [A, lacking, row] = [new Float64Array(d * d), new Float64Array(d * d), new Float64Array(d)];
    for (let r = 0; r < d; r += 1) {
      rowProducts(A, r * d, 1, K, centred, r * K, centred, 0, d);
      rowProducts(lacking, r * d, 1, K, theta, r * K, theta, 0, d);
      rowProducts(row, 0, 1, N, theta, d * K + r * N, theta, d * K, d);
      for (let c = 0; c < d; c += 1) {
        A[r * d + c] += row[c];
        lacking[r * d + c] = imbalance[r * d + c] - lacking[r * d + c] + row[c];
      }
    }
    const { values: spread, vectors: Q } = symmetricEigen(A, d);
    const negligible = NO_SPREAD * spread.reduce((largest, value) => Math.max(largest, value), 0);
    const [half, M, S] = [new Float64Array(d * d), new Float64Array(d * d), new Float64Array(d * d)];
    for (let i = 0; i < d; i += 1) addRows(half, i * d, d, Q, 0, d, lacking, i * d, 1);
    for (let i = 0; i < d; i += 1) addRows(M, i * d, d, half, 0, d, Q, i, d);
    for (let i = 0; i < d; i += 1) {
      for (let j = 0; j < d; j += 1) {
        const both = spread[i] + spread[j];
        M[i * d + j] = both > negligible ? M[i * d + j] / both : 0;
      }
    }
    half.fill(0);
    for (let i = 0; i < d; i += 1) addRows(half, i * d, d, M, 0, d, Q, i * d, 1);
    for (let i = 0; i < d; i += 1) rowProducts(S, i * d, 1, d, half, i * d, Q, 0, d);
    return S;
  }

  /** Leaves S times the d rows of `Wt`, then times the d rows after them in `theta`, in `moved`. @type {(S: Float64Array, Wt: Float64Array, theta: Float64Array) => void} */
  #strained(S, Wt, theta) {
    const { K, d, moved } = this;
    const N = theta.length / d - K;
    moved.fill(0);
    for (let r = 0; r < d; r += 1) {
      addRows(moved, r * K, K, Wt, 0, d, S, r * d, 1);
      addRows(moved, d * K + r * N, N, theta, d * K, d, S, r * d, 1);
    }
  }
}

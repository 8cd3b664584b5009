// The time that passes in a late step of the flow, and the invariant that none may change, restored.

/** @import { LogField, Vector } from "./log_field.js" */
import { centredRows, multiply, transposed } from "../linear_algebra.js";
import { symmetricEigen } from "../symmetric_eigen.js";

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

/** W^T W - H H^T (d, d), the same along the whole flow (docs/theory.md 5.1). @type {(field: LogField, theta: Vector) => Float64Array} */
export function imbalanceOf(field, theta) {
  const ofH = field.products(theta);
  return ofColumns(field.W(theta), field).map((product, i) => product - ofH[i]);
}

/** W^T W. @type {(W: Float64Array, shape: { K: number, d: number }) => Float64Array} */
function ofColumns(W, { K, d }) {
  return multiply(transposed(W, K, d), W, d, K, d);
}

/** Puts W^T W - H H^T back after a step. */
export class Invariant {
  /** @param {LogField} field @param {Float64Array} imbalance (d, d), the one to keep */
  constructor(field, imbalance) {
    this.field = field;
    this.imbalance = imbalance;
  }

  /**
   * Moves theta, in place, back to W^T W - H H^T = `imbalance`, and turns its field f along with it; `moved` is overwritten.
   *
   * With Wc the centred classifiers, (Wc, H) -> (Wc (I + S), (I - S) H), S symmetric, keeps sum_k w_k and to first order
   * every difference of logits, hence G; S solves S A + A S = imbalance - (W^T W - H H^T) with A = Wc^T Wc + H H^T, in
   * the eigenbasis of A. The flow conserves the imbalance exactly, its steps only nearly, so this projects (Hairer,
   * Lubich, Wanner, "Geometric Numerical Integration", IV.4).
   * @type {(theta: Vector, f: Vector, moved: Vector) => void}
   */
  restore(theta, f, moved) {
    const { field } = this;
    const centred = centredRows(field.W(theta), field.K, field.d);
    const S = this.#strain(theta, centred);
    field.strained(moved, S, centred, theta);
    field.combine(theta, [theta, moved], [1, -1]);
    field.strained(moved, S, field.W(f), f);
    field.combine(f, [f, moved], [1, 1]);
  }

  /** S (d, d) at theta. @type {(theta: Vector, centred: Float64Array) => Float64Array} */
  #strain(theta, centred) {
    const { field, imbalance } = this;
    const d = field.d;
    const ofH = field.products(theta);
    const [ofCentred, ofW] = [centred, field.W(theta)].map((W) => ofColumns(W, field));
    const lacking = imbalance.map((kept, i) => kept - ofW[i] + ofH[i]);
    const { values: spread, vectors: Q } = symmetricEigen(ofCentred.map((product, i) => product + ofH[i]), d);
    const negligible = NO_SPREAD * spread.reduce((largest, value) => Math.max(largest, value), 0);
    const back = transposed(Q, d, d);
    const turned = multiply(back, multiply(lacking, Q, d, d, d), d, d, d);
    const solved = turned.map((value, i) => {
      const both = spread[Math.floor(i / d)] + spread[i % d];
      return both > negligible ? value / both : 0;
    });
    return multiply(multiply(Q, solved, d, d, d), back, d, d, d);
  }
}

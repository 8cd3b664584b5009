// The flow's vector field: -grad log L, in which nothing under- or overflows at any margin (docs/theory.md 5.3).

/** @import { State } from "../types.d.ts" */
import { KernelGradient } from "./kernel_gradient.js";
import { addRows, rowProducts } from "./sums.js";

/** Exponents are shifted by multiples of this: squares of what is left of a gradient still are normal numbers. */
const SPAN = 256;
/** Samples whose terms of the loss are gathered in one product, at most K^32, before its logarithm is taken. */
const GATHERED = 32;
/** exp of more overflows. A trial step that far off is rejected by its error, which is then infinite or enormous. */
const LARGEST_EXPONENT = 700;

/**
 * The multiple of the span by which exponents up to `largest` are shifted: 0 until every margin exceeds a span.
 * @type {(largest: number) => number}
 */
function shiftFor(largest) {
  return largest <= -SPAN ? -SPAN * Math.floor(-largest / SPAN) : 0;
}

/** theta for W (K, d) and H (d, N): W^T row by row, then H. @type {(state: State, K: number, d: number) => Float64Array} */
export function packedTheta({ W, H }, K, d) {
  const theta = new Float64Array(W.length + H.length);
  for (let k = 0; k < K; k += 1) for (let r = 0; r < d; r += 1) theta[r * K + k] = W[k * d + r];
  theta.set(H, W.length);
  return theta;
}

/** W (K, d) and H (d, N) of a theta. @type {(theta: Float64Array, K: number, d: number) => State} */
export function unpackedTheta(theta, K, d) {
  const W = new Float64Array(K * d);
  for (let k = 0; k < K; k += 1) for (let r = 0; r < d; r += 1) W[k * d + r] = theta[r * K + k];
  return { W, H: theta.slice(K * d) };
}

/** n_k of each class. @type {(labels: Int32Array, K: number) => number[]} */
function sizesOf(labels, K) {
  const sizes = Array.from({ length: K }, () => 0);
  for (const label of labels) sizes[label] += 1;
  return sizes;
}

/** The field of samples with these labels, grouped by class, and the memory that every evaluation writes to. */
export class LogField {
  /** @param {Int32Array} labels @param {number} K @param {number} d @param {number} logWeight of the loss: 0 for the sum */
  constructor(labels, K, d, logWeight) {
    this.K = K;
    this.d = d;
    this.size = d * (K + labels.length);
    this.logWeight = logWeight;
    this.labels = labels;
    this.kernel = new KernelGradient(sizesOf(labels, K), d);
    this.logits = new Float64Array(K * labels.length);
    this.shift = 0;
    this.largest = 0;
  }

  /**
   * out = -grad log L at theta, where grad log L = (G H^T, W^T G) / L; returns log L of the sum of losses.
   *
   * It is homogeneous: it grows like ||theta|| however small L is. G and L carry the same factor e^-shift, and
   * L = sum_i log1p(S_i) is summed with no subtraction. The shift depends on the state alone: where the last one is not
   * this state's, G is made again. Where theta is no number, as a trial step may leave it, neither is the answer.
   * @type {(theta: Float64Array, out: Float64Array) => number}
   */
  at(theta, out) {
    const { kernel } = this;
    if (!kernel.at(theta, out)) return this.#atAnyGap(theta, out);
    const scaled = kernel.scaledLoss(GATHERED);
    const downhill = -1 / scaled;
    for (let i = 0; i < out.length; i += 1) out[i] *= downhill;
    return kernel.shift + Math.log(scaled);
  }

  /** The same where samples are far on the wrong side, or no numbers. @type {(theta: Float64Array, out: Float64Array) => number} */
  #atAnyGap(theta, out) {
    const { K, d, labels: { length: N }, logits } = this;
    let scaled = this.#residual(theta);
    for (let wanted = shiftFor(this.largest); wanted !== this.shift; wanted = shiftFor(this.largest)) {
      this.shift = wanted;
      scaled = this.#residual(theta);
    }
    out.fill(0, d * K);
    for (let r = 0; r < d; r += 1) addRows(out, d * K + r * N, N, logits, 0, K, theta, r * K, 1);
    for (let k = 0; k < K; k += 1) rowProducts(out, k, K, N, logits, k * N, theta, d * K, d);
    const downhill = -1 / scaled;
    for (let i = 0; i < out.length; i += 1) out[i] *= downhill;
    return this.shift + Math.log(scaled);
  }

  /**
   * out = d theta/dc = (1 + t) (-dL/dtheta) = exp(c + log L) (-grad log L) at the clock c = log(1 + t); returns log L.
   * @type {(theta: Float64Array, clock: number, out: Float64Array) => number}
   */
  onClock(theta, clock, out) {
    const logLoss = this.at(theta, out);
    const factor = Math.exp(Math.min(clock + this.logWeight + logLoss, LARGEST_EXPONENT));
    for (let i = 0; i < out.length; i += 1) out[i] *= factor;
    return logLoss;
  }

  /**
   * Turns the logits of theta into e^-shift G, by the largest gap first: with `top` that gap where it is positive, else
   * the shift, and E = sum_{j != y} e^(z_j - z_y - top), 1 + S is e^top (1 + growth) with growth = E + e^-top - 1, under
   * a shift E alone. Leaves the largest gap of all in `largest`, and returns L e^-shift.
   *
   * prod_i (1 + growth_i) - 1 is gathered, which keeps the relative accuracy of small growths and takes one log1p for
   * many samples; under a shift, where 1 + S is 1, their sum.
   * @type {(theta: Float64Array) => number}
   */
  #residual(theta) {
    const { K, d, labels, logits, shift } = this;
    const N = labels.length;
    let [largest, loss, grown] = [-Infinity, 0, 0];
    logits.fill(0);
    for (let k = 0; k < K; k += 1) addRows(logits, k * N, N, theta, d * K, d, theta, k, K);
    for (let i = 0; i < N; i += 1) {
      const own = labels[i] * N + i;
      const score = logits[own];
      let worst = -Infinity;
      logits[own] = -Infinity;
      for (let at = i; at < logits.length; at += N) {
        const gap = logits[at] - score;
        logits[at] = gap;
        if (gap > worst) worst = gap;
      }
      if (worst > largest) largest = worst;
      const positive = shift === 0 && worst > 0;
      const top = positive ? worst : shift;
      let total = 0;
      for (let at = i; at < logits.length; at += N) {
        if (at === own) continue;
        const e = Math.exp(logits[at] - top);
        logits[at] = e;
        total += e;
      }
      if (shift === 0) {
        const growth = positive ? total + (Math.exp(-top) - 1) : total;
        const share = 1 / (1 + growth);
        for (let at = i; at < logits.length; at += N) logits[at] *= share;
        logits[own] = -total * share;
        loss += positive ? worst : 0;
        grown += growth + growth * grown;
        if (i % GATHERED === GATHERED - 1) {
          loss += Math.log1p(grown);
          grown = 0;
        }
      } else {
        logits[own] = -total;
        loss += total;
      }
    }
    this.largest = largest;
    return loss + Math.log1p(grown);
  }
}

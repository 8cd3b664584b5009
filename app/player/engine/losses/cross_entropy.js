// Cross-entropy: minus the logarithm of the softmax of the true class (docs/theory.md 1.1).

/** @import { Loss, Spectrum, VectorOfSamples } from "../parts.d.ts" */
/** @import { Code } from "../wasm/instructions.js" */
/** @import { Routine } from "../wasm/assembler.js" */
import { exponential, roomForExponential } from "../wasm/exponential.js";
import { f64, f64x2, global, i32, local, v128, when } from "../wasm/instructions.js";
import { encodingFactors } from "./encoding.js";
import { rows } from "../wasm/sweeps.js";

/** Below this, log(log1p(S)) = log S - S/2 + O(S^2) is exact to float64. */
const SMALL_LOSS = 1e-9;
/** log S beyond which log(1 + S) is log S. */
const LARGE_LOSS = 700;

/** l(z, y) = log sum_j exp(z_j - z_y), in nats: the loss of the model. @type {Loss} */
export const CROSS_ENTROPY = {
  name: "cross-entropy",
  attained: false,
  origin: (classes) => Math.log(classes),
  /** log log1p(S) with S = sum_{j != y} exp(z_j - z_y) kept as a logarithm: docs/theory.md 5.3. */
  logSample(Z, samples, classes, i, label) {
    const own = Z[label * samples + i];
    let [largest, sum] = [-Infinity, 0];
    for (let k = 0; k < classes; k += 1) if (k !== label) largest = Math.max(largest, Z[k * samples + i] - own);
    for (let k = 0; k < classes; k += 1) if (k !== label) sum += Math.exp(Z[k * samples + i] - own - largest);
    const logS = largest + Math.log(sum);
    const S = Math.exp(Math.min(logS, LARGE_LOSS));
    if (S < SMALL_LOSS) return logS - S / 2;
    return Math.log(logS > LARGE_LOSS ? logS : Math.log1p(S));
  },
  /** G = P - Y: softmax minus one-hot. */
  residual(Z, samples, labels, classes) {
    softmax(Z, samples, classes);
    for (let i = 0; i < samples; i += 1) {
      let others = 0;
      for (let k = 0; k < classes; k += 1) if (k !== labels[i]) others += Z[k * samples + i];
      Z[labels[i] * samples + i] = -others; // not p - 1: it keeps its relative accuracy when tiny
    }
    return Z;
  },
  /** dG = P * (dZ - 1 (1^T (P * dZ))). */
  curvature(Z, dZ, samples, classes) {
    softmax(Z, samples, classes);
    for (let i = 0; i < samples; i += 1) {
      let mean = 0;
      for (let at = i; at < classes * samples; at += samples) mean += Z[at] * dZ[at];
      for (let at = i; at < classes * samples; at += samples) dZ[at] = Z[at] * (dZ[at] - mean);
    }
    return dZ;
  },
  spectrum: (sizes, dimension, threshold) => bestSimplex(sizes, dimension, threshold, 0),
  columns: { sample: 0, padding: Infinity },
  kernel: crossEntropyKernel,
};

/**
 * `spectrum` of cross-entropy against targets 1 - a + a/K for the true class and a/K for the others, a the smoothing:
 * along Z = mu Pi Y, with mu = log(K / (a + c/sqrt(n)) - K + 1) for classes of one size n or a threshold c of 0. Without
 * both it is the direction Pi Y; zero is best from c = (1 - a) ||Pi Y||_op on (docs/theory.md 2.3, 6.1, 6.3 and 6.6).
 * @type {(sizes: number[], dimension: number, threshold: number, smoothing: number) => Spectrum | null}
 */
export function bestSimplex(sizes, dimension, threshold, smoothing) {
  const [K, n, samples] = [sizes.length, sizes[0], sizes.reduce((sum, size) => sum + size, 0)];
  const { U, S, V } = encodingFactors(sizes);
  const even = sizes.every((size) => size === n);
  if (threshold >= (1 - smoothing) * (even ? Math.sqrt(n) : S[0])) {
    const rank = Math.min(dimension, K - 1);
    const few = (/** @type {Float64Array} */ A) => A.filter((_, i) => i % (K - 1) < rank);
    return { U: few(U), S: new Float64Array(rank), V: few(V), value: samples * Math.log(K), unique: true };
  }
  if (dimension < K - 1 || (threshold > 0 && !even)) return null;
  const share = smoothing + threshold / Math.sqrt(n);
  if (share === 0) return { U, S, V, value: 0, unique: true };
  const margin = Math.log(K / share - K + 1);
  const value = samples * (Math.log1p((K - 1) * Math.exp(-margin)) + ((smoothing * (K - 1)) / K) * margin);
  return { U, S: S.map((s) => s * margin), V, value, unique: true };
}

/** P in the place of Z. @type {(Z: Float64Array, samples: number, classes: number) => void} */
function softmax(Z, samples, classes) {
  for (let i = 0; i < samples; i += 1) {
    let [largest, sum] = [-Infinity, 0];
    for (let at = i; at < classes * samples; at += samples) largest = Math.max(largest, Z[at]);
    for (let at = i; at < classes * samples; at += samples) sum += Z[at] = Math.exp(Z[at] - largest);
    for (let at = i; at < classes * samples; at += samples) Z[at] /= sum;
  }
}

/**
 * G by the largest gap first: E = sum_j e^(z_j - z_y - top), with top the largest gap where that is positive, else the
 * shift; G = e^(z_j - z_y - top) / (E + e^-top), under a shift over 1.
 *
 * The last class's logits take the place of the true class's until the end: so the others are the first K - 1 rows,
 * whatever the true class is.
 * @type {(routine: Routine, at: VectorOfSamples) => Code}
 */
function crossEntropyKernel(routine, { logits, stride, classes, own, kind, shift, largest, bound, keptGrowth }) {
  const [margin, worst, top, rest, total, share, x] = Array.from({ length: 7 }, () => routine.vector());
  const [get, set, last] = [local.get, local.set, (classes - 1) * stride];
  const { add, subtract, multiply, divide, larger } = f64x2;
  const [zero, one] = [f64x2.const(0), f64x2.const(1)];
  const unshifted = f64.equals(global.get(shift), f64.const(0));
  const room = roomForExponential(routine);
  /** @type {(body: (pointer: Code, offset: number) => Code) => Code} */
  const over = (body) => rows(routine, logits, stride, classes - 1, body);
  return [
    set(margin, add(v128.load(get(own)), kind)), // z_y; of padding infinity, so that its gaps have no weight
    v128.store(get(own), v128.load(get(logits), last)),
    set(worst, f64x2.const(-Infinity)),
    over((pointer, offset) => [
      set(x, subtract(v128.load(pointer, offset), get(margin))),
      v128.store(pointer, get(x), offset),
      set(worst, larger(get(worst), get(x))),
    ]),
    set(top, f64x2.spread(global.get(shift))),
    set(rest, zero),
    when(i32.both(unshifted, v128.any(f64x2.greater(get(worst), zero))), [
      set(top, larger(zero, get(worst))),
      set(x, subtract(zero, get(top))),
      set(rest, subtract(exponential(get(x), room), one)),
    ]),
    set(total, zero),
    over((pointer, offset) => [
      set(x, subtract(v128.load(pointer, offset), get(top))),
      set(x, exponential(get(x), room)),
      v128.store(pointer, get(x), offset),
      set(total, add(get(total), get(x))),
    ]),
    keptGrowth(add(get(total), get(rest))),
    set(share, one),
    when(unshifted, set(share, divide(one, add(one, add(get(total), get(rest)))))),
    over((pointer, offset) => v128.store(pointer, multiply(v128.load(pointer, offset), get(share)), offset)),
    v128.store(get(logits), v128.load(get(own)), last),
    v128.store(get(own), multiply(subtract(zero, get(total)), get(share))),
    set(largest, larger(get(largest), get(worst))),
    // NaN, wherever it came from, stays NaN
    set(bound, add(get(bound), add(larger(zero, get(worst)), multiply(zero, get(total))))),
  ];
}

// Label smoothing: cross-entropy against targets with a share of probability for all classes (docs/theory.md 6.6).

/** @import { Loss, VectorOfSamples } from "../parts.d.ts" */
/** @import { Code } from "../wasm/instructions.js" */
/** @import { Routine } from "../wasm/assembler.js" */
import { CROSS_ENTROPY, bestSimplex } from "./cross_entropy.js";
import { exponential, roomForExponential } from "../wasm/exponential.js";
import { f64x2, local, v128, when } from "../wasm/instructions.js";
import { rows } from "../wasm/sweeps.js";

/**
 * l(z, y) = log sum_j exp(z_j) - sum_j t_j z_j, in nats, with targets t: a/K, and 1 - a more for the true class.
 * @type {(smoothing: number, classes: number) => Loss}
 */
export function labelSmoothing(smoothing, classes) {
  const target = smoothing / classes;
  return {
    ...CROSS_ENTROPY, // its curvature and its loss at 0: the targets are linear
    name: "label-smoothing",
    attained: true,
    /** The logarithm of the cross-entropy plus (a/K) sum_j (z_y - z_j). */
    logSample(Z, samples, _, i, label) {
      let gaps = 0;
      for (let k = 0; k < classes; k += 1) gaps += Z[label * samples + i] - Z[k * samples + i];
      return Math.log(Math.exp(CROSS_ENTROPY.logSample(Z, samples, classes, i, label)) + target * gaps);
    },
    /** G = P - T: softmax minus targets, each column of sum 0. */
    residual(Z, samples, labels) {
      const G = CROSS_ENTROPY.residual(Z, samples, labels, classes);
      for (let at = 0; at < G.length; at += 1) G[at] -= target;
      for (let i = 0; i < samples; i += 1) G[labels[i] * samples + i] += smoothing;
      return G;
    },
    spectrum: (sizes, dimension, threshold) => bestSimplex(sizes, dimension, threshold, smoothing),
    columns: { sample: 1, padding: 0 }, // logits of padding are 0, and so its gaps
    numbers: { target },
    kernel: smoothedKernel,
  };
}

/**
 * G as that of cross-entropy, by the largest gap first, less the target; the last class's logits take the place of the
 * true class's until the end. No shift: where the loss is least G is 0, and where it is not the targets keep it large.
 * @type {(routine: Routine, at: VectorOfSamples) => Code}
 */
function smoothedKernel(routine, { logits, stride, classes, own, kind, largest, bound, number }) {
  const [margin, worst, gaps, top, rest, total, share, target, x] = Array.from({ length: 9 }, () => routine.vector());
  const [get, set, last] = [local.get, local.set, (classes - 1) * stride];
  const { add, subtract, multiply, divide, larger } = f64x2;
  const [zero, one] = [f64x2.const(0), f64x2.const(1)];
  const room = roomForExponential(routine);
  /** @type {(body: (pointer: Code, offset: number) => Code) => Code} */
  const over = (body) => rows(routine, logits, stride, classes - 1, body);
  return [
    set(margin, v128.load(get(own))),
    v128.store(get(own), v128.load(get(logits), last)),
    set(target, multiply(f64x2.spread(number("target")), kind)),
    set(worst, zero),
    set(gaps, zero),
    over((pointer, offset) => [
      set(x, subtract(v128.load(pointer, offset), get(margin))),
      v128.store(pointer, get(x), offset),
      set(gaps, add(get(gaps), get(x))),
      set(worst, larger(get(worst), get(x))),
    ]),
    set(top, zero),
    set(rest, zero),
    when(v128.any(f64x2.greater(get(worst), zero)), [
      set(top, get(worst)),
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
    set(x, add(get(total), get(rest))), // the loss is top + log(1 + x) less the target times the gaps
    set(share, divide(kind, add(one, get(x)))),
    over((pointer, offset) => v128.store(pointer, subtract(multiply(v128.load(pointer, offset), get(share)), get(target)), offset)),
    v128.store(get(logits), v128.load(get(own)), last),
    v128.store(get(own), subtract(multiply(f64x2.const(classes - 1), get(target)), multiply(get(total), get(share)))),
    set(largest, larger(get(largest), zero)), // it needs no shift
    // NaN, wherever it came from, stays NaN
    set(bound, add(get(bound), add(subtract(get(top), multiply(get(target), get(gaps))), multiply(zero, get(total))))),
  ];
}

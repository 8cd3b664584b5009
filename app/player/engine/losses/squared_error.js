// Squared error: half the squared distance of the logits from the one-hot label (docs/theory.md 6.4).

/** @import { Loss } from "../parts.d.ts" */
import { f64x2, local, v128 } from "../wasm/instructions.js";
import { logHalfSquares } from "./log_sum.js";
import { rows } from "../wasm/sweeps.js";

/** @type {Loss} */
export const SQUARED_ERROR = {
  name: "squared-error",
  attained: true,
  origin: () => 0.5,
  /** 2 log ||z - e_y|| - log 2. */
  logSample(Z, samples, classes, i, label) {
    return logHalfSquares(Float64Array.from({ length: classes }, (_, k) => Z[k * samples + i] - (k === label ? 1 : 0)));
  },
  /** G = Z - Y. */
  residual(Z, samples, labels) {
    for (let i = 0; i < samples; i += 1) Z[labels[i] * samples + i] -= 1;
    return Z;
  },
  /** dG = dZ. */
  curvature: (_, dZ) => dZ,
  /**
   * Y has singular values sqrt(n_k), each lowered by the threshold: Z = sum_k (1 - c/sqrt(n_k))_+ e_k y_k^T. Of more
   * than d the largest are kept (von Neumann's trace inequality).
   */
  spectrum(sizes, dimension, threshold) {
    const order = sizes.map((_, k) => k).sort((a, b) => sizes[b] - sizes[a] || a - b);
    const [kept, left] = [order.slice(0, dimension), order.slice(dimension)];
    const frame = new Float64Array(sizes.length * kept.length);
    kept.forEach((k, r) => (frame[k * kept.length + r] = 1));
    const S = Float64Array.from(kept, (k) => Math.max(Math.sqrt(sizes[k]) - threshold, 0));
    let value = 0;
    for (const k of kept) value += Math.min(sizes[k], threshold ** 2) / 2;
    for (const k of left) value += sizes[k] / 2;
    const last = kept.length - 1;
    return { U: frame, S, V: frame, value, unique: left.length === 0 || S[last] === 0 || sizes[kept[last]] > sizes[left[0]] };
  },
  columns: { sample: 1, padding: 0 }, // the target of the true class; logits of padding are 0
  kernel(routine, { logits, stride, classes, own, kind, largest, bound }) {
    const [x, total] = [routine.vector(), routine.vector()];
    return [
      v128.store(local.get(own), f64x2.subtract(v128.load(local.get(own)), kind)),
      local.set(total, f64x2.const(0)),
      rows(routine, logits, stride, classes, (pointer, offset) => [
        local.set(x, v128.load(pointer, offset)),
        local.set(total, f64x2.add(local.get(total), f64x2.multiply(local.get(x), local.get(x)))),
      ]),
      local.set(largest, f64x2.larger(local.get(largest), f64x2.const(0))), // it needs no shift
      local.set(bound, f64x2.add(local.get(bound), f64x2.multiply(f64x2.const(0.5), local.get(total)))),
    ];
  },
};

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

// Gradient descent: theta <- theta - learning_rate g, both blocks at once from the same gradient.

/** @import { KernelParts, Rule } from "../parts.d.ts" */
/** @import { Code, Place } from "../wasm/instructions.js" */
/** @import { Routine } from "../wasm/assembler.js" */
import { call, f64, f64x2, local, v128 } from "../wasm/instructions.js";
import { sweep } from "../wasm/sweeps.js";

/** @type {Rule} */
export const GRADIENT_DESCENT = {
  name: "gradient-descent",
  memories: 0,
  geometry: "euclidean",
  stepTime: (rate) => rate,
  stableRate: (curvature) => 2 / curvature,
  decayAtRest: (decay) => decay, // the same formula
  kernel(routine, kernel) {
    const scaled = f64.multiply(kernel.number("rate"), call(kernel.exp, kernel.logScale));
    return descent(routine, kernel, scaled);
  },
};

/** theta <- theta - share * the gradient in memory. @type {(routine: Routine, kernel: KernelParts, share: Code) => Code} */
export function descent(routine, { layout }, share) {
  const both = routine.vector();
  return [
    local.set(both, f64x2.spread(share)),
    sweep(routine, layout.W, layout.thetaBytes, (pointer, offset) => {
      const slope = v128.load(local.get(pointer), layout.slopeW + offset);
      const moved = f64x2.subtract(v128.load(local.get(pointer), offset), f64x2.multiply(local.get(both), slope));
      return v128.store(local.get(pointer), moved, offset);
    }),
  ];
}

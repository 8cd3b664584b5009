// Heavy-ball momentum: v <- beta v + g, theta <- theta - learning_rate v (Polyak 1964), v = 0 at the start.

/** @import { Rule } from "../parts.d.ts" */
import { call, f64x2, local, v128 } from "../wasm/instructions.js";
import { sweep } from "../wasm/sweeps.js";

/** @type {(beta: number) => Rule} */
export function momentumRule(beta) {
  return {
    name: "momentum",
    memories: 1,
    stepTime: (rate) => rate / (1 - beta),
    stableRate: (curvature) => (2 * (1 + beta)) / curvature,
    kernel(routine, { layout, rate, logScale, exp }) {
      const [share, velocity] = [routine.vector(), routine.vector()];
      const [{ add, subtract, multiply }, get] = [f64x2, local.get];
      return [
        local.set(share, f64x2.spread(call(exp, logScale))),
        sweep(routine, layout.W, layout.thetaBytes, (pointer, offset) => {
          const kept = multiply(v128.load(get(pointer), layout.memories[0] + offset), f64x2.const(beta));
          const slope = multiply(v128.load(get(pointer), layout.slopeW + offset), get(share));
          const moved = subtract(v128.load(get(pointer), offset), multiply(f64x2.const(rate), get(velocity)));
          return [
            local.set(velocity, add(kept, slope)),
            v128.store(get(pointer), get(velocity), layout.memories[0] + offset),
            v128.store(get(pointer), moved, offset),
          ];
        }),
      ];
    },
  };
}

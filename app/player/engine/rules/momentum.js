// Heavy-ball momentum: v <- beta v + g, theta <- theta - learning_rate v (Polyak 1964), v = 0 at the start.

/** @import { Rule } from "../parts.d.ts" */
import { call, f64x2, local, v128 } from "../wasm/instructions.js";
import { sweep } from "../wasm/sweeps.js";

/** @type {(beta: number) => Rule} */
export function momentumRule(beta) {
  return {
    name: "momentum",
    memories: 1,
    geometry: "euclidean",
    stepTime: (rate) => rate / (1 - beta),
    stableRate: (curvature) => (2 * (1 + beta)) / curvature,
    decayAtRest: (decay) => (1 - beta) * decay,
    numbers: { momentum: beta },
    kernel(routine, { layout, number, logScale, exp }) {
      const [share, velocity, kept, rate] = Array.from({ length: 4 }, () => routine.vector());
      const [{ add, subtract, multiply }, get] = [f64x2, local.get];
      return [
        local.set(share, f64x2.spread(call(exp, logScale))),
        local.set(kept, f64x2.spread(number("momentum"))),
        local.set(rate, f64x2.spread(number("rate"))),
        sweep(routine, layout.W, layout.thetaBytes, (pointer, offset) => {
          const before = multiply(v128.load(get(pointer), layout.memories[0] + offset), get(kept));
          const slope = multiply(v128.load(get(pointer), layout.slopeW + offset), get(share));
          const moved = subtract(v128.load(get(pointer), offset), multiply(get(rate), get(velocity)));
          return [
            local.set(velocity, add(before, slope)),
            v128.store(get(pointer), get(velocity), layout.memories[0] + offset),
            v128.store(get(pointer), moved, offset),
          ];
        }),
      ];
    },
  };
}

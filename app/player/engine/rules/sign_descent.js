// Sign descent: theta <- theta - learning_rate sign(g), entry by entry; an entry whose gradient is 0 stays.

/** @import { Rule } from "../parts.d.ts" */
import { f64x2, local, v128 } from "../wasm/instructions.js";
import { passedAsFar } from "./clock.js";
import { sumOfSquares, sweep } from "../wasm/sweeps.js";

/** @type {Rule} */
export const SIGN_DESCENT = {
  name: "sign-descent",
  memories: 0,
  geometry: "entries",
  stepTime: () => NaN,
  stableRate: () => Infinity, // a step cannot grow
  decayAtRest: () => null,
  kernel(routine, kernel) {
    const { layout, number } = kernel;
    const [{ greater, less, subtract }, get, set, zero] = [f64x2, local.get, local.set, f64x2.const(0)];
    const [rate, g] = [routine.vector(), routine.vector()];
    const [norm, length] = [routine.number(), routine.number()];
    return [
      sumOfSquares(routine, layout.slopeW, layout.thetaBytes, norm),
      set(rate, f64x2.spread(number("rate"))),
      sweep(routine, layout.W, layout.thetaBytes, (pointer, offset) => [
        set(g, v128.load(get(pointer), layout.slopeW + offset)),
        set(g, subtract(v128.both(greater(get(g), zero), get(rate)), v128.both(less(get(g), zero), get(rate)))),
        v128.store(get(pointer), get(g), layout.slopeW + offset),
        v128.store(get(pointer), subtract(v128.load(get(pointer), offset), get(g)), offset),
      ]),
      sumOfSquares(routine, layout.slopeW, layout.thetaBytes, length),
      passedAsFar(routine, kernel, length, norm),
    ];
  },
};

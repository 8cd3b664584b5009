// Adam (Kingma, Ba 2015): a step along running means of the gradient over roots of running means of its squares, both
// without the bias of their start; as `ulpm_core/model/rules/adam.py`.

/** @import { Place } from "../wasm/instructions.js" */
/** @import { Rule } from "../parts.d.ts" */
import { call, f64, f64x2, global, local, v128 } from "../wasm/instructions.js";
import { passedAsFar } from "./clock.js";
import { sumOfSquares, sweep } from "../wasm/sweeps.js";

/** @type {(parameters: { momentum: number, beta2: number, epsilon: number }) => Rule} */
export function adamRule({ momentum, beta2, epsilon }) {
  return {
    name: "adam",
    memories: 2,
    geometry: "entries",
    stepTime: () => NaN,
    stableRate: () => Infinity, // no entry of a step can exceed a multiple of the learning rate
    decayAtRest: () => null,
    numbers: { momentum, beta2, epsilon },
    kernel(routine, kernel) {
      const { layout, number, kept, logScale, exp } = kernel;
      const [{ add, subtract, multiply, divide, sqrt, spread }, get, set] = [f64x2, local.get, local.set];
      const [share, kept1, kept2, new1, new2, least, pace, g, m, v] = Array.from({ length: 10 }, () => routine.vector());
      const [norm, length, root] = [routine.number(), routine.number(), routine.number()];
      const [power1, power2] = [kept(1), kept(1)];
      const one = f64.const(1);
      const rest = (/** @type {Place} */ power) => f64.subtract(one, global.get(power));
      const next = (/** @type {Place} */ power, /** @type {string} */ beta) => global.set(power, f64.multiply(global.get(power), number(beta)));
      const [first, second] = layout.memories;
      return [
        sumOfSquares(routine, layout.slopeW, layout.thetaBytes, norm),
        next(power1, "momentum"),
        next(power2, "beta2"),
        set(root, f64.sqrt(rest(power2))),
        set(share, spread(call(exp, logScale))),
        set(kept1, spread(number("momentum"))),
        set(kept2, spread(number("beta2"))),
        set(new1, spread(f64.subtract(one, number("momentum")))),
        set(new2, spread(f64.subtract(one, number("beta2")))),
        set(least, spread(f64.multiply(get(root), number("epsilon")))),
        set(pace, spread(f64.divide(f64.multiply(number("rate"), get(root)), rest(power1)))),
        sweep(routine, layout.W, layout.thetaBytes, (pointer, offset) => {
          const at = (/** @type {number} */ address) => v128.load(get(pointer), address + offset);
          return [
            set(g, multiply(get(share), at(layout.slopeW))),
            set(m, add(multiply(get(kept1), at(first)), multiply(get(new1), get(g)))),
            set(v, add(multiply(get(kept2), at(second)), multiply(get(new2), multiply(get(g), get(g))))),
            v128.store(get(pointer), get(m), first + offset),
            v128.store(get(pointer), get(v), second + offset),
            set(g, divide(multiply(get(pace), get(m)), add(sqrt(get(v)), get(least)))),
            v128.store(get(pointer), get(g), layout.slopeW + offset),
            v128.store(get(pointer), subtract(at(0), get(g)), offset),
          ];
        }),
        sumOfSquares(routine, layout.slopeW, layout.thetaBytes, length),
        passedAsFar(routine, kernel, length, norm),
      ];
    },
  };
}

// Normalised gradient descent: theta <- theta - learning_rate g / ||g||, the joint Frobenius norm of both blocks.
//
// Every step has length learning_rate, however small the gradient. At a critical point, ||g|| = 0, nothing moves.

/** @import { Rule } from "../parts.d.ts" */
import { call, f64, local, when } from "../wasm/instructions.js";
import { descent } from "./gradient_descent.js";
import { sumOfSquares } from "../wasm/sweeps.js";
import { timePassed } from "./clock.js";

/** @type {Rule} */
export const NORMALISED = {
  name: "normalised-gradient-descent",
  memories: 0,
  geometry: "euclidean",
  stepTime: () => NaN,
  stableRate: () => Infinity, // a step cannot grow
  decayAtRest: () => null,
  kernel(routine, kernel) {
    const { layout, number, logScale, log } = kernel;
    const norm = routine.number();
    const logStep = f64.subtract(f64.subtract(call(log, number("rate")), call(log, local.get(norm))), logScale);
    return [
      sumOfSquares(routine, layout.slopeW, layout.thetaBytes, norm),
      local.set(norm, f64.sqrt(local.get(norm))),
      when(f64.greater(local.get(norm), f64.const(0)), [
        descent(routine, kernel, f64.divide(number("rate"), local.get(norm))),
        timePassed(routine, kernel, logStep),
      ]),
    ];
  },
};

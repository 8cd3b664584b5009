// Normalised gradient descent: theta <- theta - learning_rate g / ||g||, the joint Frobenius norm of both blocks.
//
// Every step has length learning_rate, however small the gradient. At a critical point, ||g|| = 0, nothing moves.

/** @import { Code } from "../wasm/instructions.js" */
/** @import { KernelParts, Rule } from "../parts.d.ts" */
/** @import { Routine } from "../wasm/assembler.js" */
import { call, f64, global, local, when } from "../wasm/instructions.js";
import { descent } from "./gradient_descent.js";
import { sumOfSquares } from "../wasm/sweeps.js";

/** @type {Rule} */
export const NORMALISED = {
  name: "normalised-gradient-descent",
  memories: 0,
  stepTime: () => NaN,
  stableRate: () => Infinity, // a step cannot grow
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

/** log t <- log(t + e^step), by the larger one first. @type {(routine: Routine, kernel: KernelParts, logStep: Code) => Code} */
function timePassed(routine, { logTime, exp, log1p }, logStep) {
  const [step, larger, smaller] = [routine.number(), routine.number(), routine.number()];
  const more = call(log1p, call(exp, f64.subtract(local.get(smaller), local.get(larger))));
  return [
    local.set(step, logStep),
    local.set(larger, f64.max(local.get(step), global.get(logTime))),
    local.set(smaller, f64.min(local.get(step), global.get(logTime))),
    global.set(logTime, f64.add(local.get(larger), more)),
  ];
}

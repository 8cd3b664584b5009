// The gradient-flow time of steps that differ in it.

/** @import { Code, Place } from "../wasm/instructions.js" */
/** @import { KernelParts } from "../parts.d.ts" */
/** @import { Routine } from "../wasm/assembler.js" */
import { call, f64, global, i32, local, when } from "../wasm/instructions.js";

/** log t <- log(t + e^step), by the larger one first. @type {(routine: Routine, kernel: KernelParts, logStep: Code) => Code} */
export function timePassed(routine, { logTime, exp, log1p }, logStep) {
  const [step, larger, smaller] = [routine.number(), routine.number(), routine.number()];
  const more = call(log1p, call(exp, f64.subtract(local.get(smaller), local.get(larger))));
  return [
    local.set(step, logStep),
    local.set(larger, f64.max(local.get(step), global.get(logTime))),
    local.set(smaller, f64.min(local.get(step), global.get(logTime))),
    global.set(logTime, f64.add(local.get(larger), more)),
  ];
}

/**
 * Passes the time in which gradient flow, at the speed that the gradient had, goes as far as a step; both are given as
 * squares. A step or a speed of 0 takes no time.
 * @type {(routine: Routine, kernel: KernelParts, step: Place, speed: Place) => Code}
 */
export function passedAsFar(routine, kernel, step, speed) {
  const [positive, ratio] = [(/** @type {Place} */ x) => f64.greater(local.get(x), f64.const(0)), f64.divide(local.get(step), local.get(speed))];
  const logStep = f64.subtract(f64.multiply(f64.const(0.5), call(kernel.log, ratio)), kernel.logScale);
  return when(i32.both(positive(step), positive(speed)), timePassed(routine, kernel, logStep));
}

// exp of both lanes of a vector without a branch, as `ulpm_core/dynamics/engines/compiled/exponential.py` does it.
//
// x = k ln 2 + r with |r| <= ln(2)/2 (Cody and Waite 1980: ln 2 in two parts, so that r is exact), e^r by its Taylor
// polynomial, truncated below half a unit in the last place, 2^k by its bits: adding 1.5 * 2^52 leaves k, rounded, in
// the lowest bits. Math.exp would be a call for each number.

/** @import { Code, Place } from "./instructions.js" */
/** @import { Routine } from "./assembler.js" */
/** The variables that it works with, which one routine needs once. @typedef {{ k: Place, r: Place }} ExponentialRoom */
import { f64x2, i64x2, local, v128 } from "./instructions.js";

/** exp(-708) = 3e-308 is the last that is a normal number: what lies below is 0 here. */
const LOWEST_EXPONENT = -708;
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const ROUNDING = 1.5 * 2 ** 52;
const MANTISSA_BITS = 52;
/** 1/13!, 1/12!, ..., 1/0!. */
const TAYLOR = Array.from({ length: 14 }, (_, i) => 1 / factorial(13 - i));

/** @type {(k: number) => number} */
function factorial(k) {
  return k > 1 ? k * factorial(k - 1) : 1;
}

/**
 * e^x to within 2 units in the last place, for x up to 700; NaN stays NaN. x is read more than once: it is the code that
 * gets a variable.
 * @type {(x: Code, room: ExponentialRoom) => Code}
 */
export function exponential(x, { k, r }) {
  const { add, subtract, multiply } = f64x2;
  const number = f64x2.const;
  const clamped = f64x2.larger(x, number(LOWEST_EXPONENT));
  const rounded = subtract(local.get(k), number(ROUNDING));
  const [leading, ...others] = TAYLOR;
  const polynomial = others.reduce((sum, c) => add(multiply(sum, local.get(r)), number(c)), number(leading));
  return [
    local.set(r, clamped),
    local.set(k, add(multiply(local.get(r), number(Math.LOG2E)), number(ROUNDING))),
    local.set(r, subtract(subtract(local.get(r), multiply(rounded, number(LN2_HIGH))), multiply(rounded, number(LN2_LOW)))),
    v128.without(
      i64x2.add(polynomial, i64x2.shiftLeft(local.get(k), MANTISSA_BITS)),
      f64x2.less(x, number(LOWEST_EXPONENT)),
    ),
  ];
}

/** @type {(routine: Routine) => ExponentialRoom} */
export function roomForExponential(routine) {
  return { k: routine.vector(), r: routine.vector() };
}

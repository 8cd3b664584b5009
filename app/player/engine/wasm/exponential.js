// exp of both lanes of a vector without a branch, as `ulpm_core/dynamics/engines/compiled/exponential.py` does it.
//
// x = k ln 2 + r with |r| <= ln(2)/2 (Cody and Waite 1980: ln 2 in two parts, so that r is exact), e^r by its Taylor
// polynomial, truncated below half a unit in the last place, 2^k by its bits: adding 1.5 * 2^52 leaves k, rounded, in
// the lowest bits. Math.exp would be a call for each number. The polynomial is summed by Estrin's scheme, whose terms do
// not wait for each other: in two thirds of the time that Horner's takes.

/** @import { Code, Place } from "./instructions.js" */
/** @import { Routine } from "./assembler.js" */
/** The variables that it works with, which one routine needs once. @typedef {{ k: Place, r: Place, square: Place, fourth: Place }} ExponentialRoom */
import { f64x2, i64x2, local, v128 } from "./instructions.js";

/** exp(-708) = 3e-308 is the last that is a normal number: what lies below is 0 here. */
const LOWEST_EXPONENT = -708;
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const ROUNDING = 1.5 * 2 ** 52;
const MANTISSA_BITS = 52;
/** 1/0!, 1/1!, ..., 1/13!. */
const TAYLOR = Array.from({ length: 14 }, (_, i) => 1 / factorial(i));

/** @type {(k: number) => number} */
function factorial(k) {
  return k > 1 ? k * factorial(k - 1) : 1;
}

/**
 * e^x to within 2 units in the last place, for x up to 700; NaN stays NaN. x is read more than once: it is the code that
 * gets a variable.
 * @type {(x: Code, room: ExponentialRoom) => Code}
 */
export function exponential(x, { k, r, square, fourth }) {
  const { add, subtract, multiply } = f64x2;
  const number = f64x2.const;
  const clamped = f64x2.larger(x, number(LOWEST_EXPONENT));
  const rounded = subtract(local.get(k), number(ROUNDING));
  const two = (/** @type {number} */ i) => add(multiply(number(TAYLOR[i + 1]), local.get(r)), number(TAYLOR[i]));
  const four = (/** @type {number} */ i) => add(multiply(two(i + 2), local.get(square)), two(i));
  const further = (/** @type {Code} */ first, /** @type {Code} */ rest) => add(first, multiply(local.get(fourth), rest));
  const polynomial = further(four(0), further(four(4), further(four(8), two(12))));
  return [
    local.set(r, clamped),
    local.set(k, add(multiply(local.get(r), number(Math.LOG2E)), number(ROUNDING))),
    local.set(r, subtract(subtract(local.get(r), multiply(rounded, number(LN2_HIGH))), multiply(rounded, number(LN2_LOW)))),
    local.set(square, multiply(local.get(r), local.get(r))),
    local.set(fourth, multiply(local.get(square), local.get(square))),
    v128.without(
      i64x2.add(polynomial, i64x2.shiftLeft(local.get(k), MANTISSA_BITS)),
      f64x2.less(x, number(LOWEST_EXPONENT)),
    ),
  ];
}

/** @type {(routine: Routine) => ExponentialRoom} */
export function roomForExponential(routine) {
  return { k: routine.vector(), r: routine.vector(), square: routine.vector(), fourth: routine.vector() };
}

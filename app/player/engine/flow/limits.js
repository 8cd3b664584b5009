// The limits of a flow: of the length of its steps and of their number, as in `ulpm_core/dynamics/flow/limits.py`.

/**
 * Then the flow has stalled: only where the classes cannot be separated, or from entries of a thousand and more, does a
 * run need that many.
 */
export const MOST_RIGHT_HAND_SIDES = 3_000_000;
/** The same for three or more classes in one dimension: on a line a middle class never scores highest. */
const MOST_ON_A_LINE = 50_000;
/** The first step moves theta by about a hundredth of itself; the error sets all others. */
export const FIRST_SHARE = 0.01;
export const LONGEST_FIRST = 0.1;
export const SHORTEST = 1e-290;

/**
 * How many evaluations of the right-hand side a flow of these shapes may take before it counts as stalled.
 * @type {(classes: number, dimension: number) => number}
 */
export function mostRightHandSides(classes, dimension) {
  return dimension === 1 && classes > 2 ? MOST_ON_A_LINE : MOST_RIGHT_HAND_SIDES;
}

// Logarithms of sums, exact where what they are the logarithm of leaves float64.

/** The least normal number of float64. An exact fit, whose loss has no logarithm, counts as the square of this. */
const LEAST_NORMAL = 2.2250738585072014e-308;

/** log sum_i e^(a_i). @type {(a: ArrayLike<number>) => number} */
export function logSumExp(a) {
  let [largest, sum] = [-Infinity, 0];
  for (let i = 0; i < a.length; i += 1) largest = Math.max(largest, a[i]);
  if (!Number.isFinite(largest)) return largest;
  for (let i = 0; i < a.length; i += 1) sum += Math.exp(a[i] - largest);
  return largest + Math.log(sum);
}

/** log (||e||^2 / 2), by the largest entry first: no square leaves float64. @type {(e: Float64Array) => number} */
export function logHalfSquares(e) {
  let [largest, sum] = [Math.sqrt(LEAST_NORMAL), 0];
  for (const entry of e) largest = Math.max(largest, Math.abs(entry));
  for (const entry of e) sum += (entry / largest) ** 2;
  return 2 * Math.log(largest) + Math.log(Math.max(sum, LEAST_NORMAL) / 2);
}

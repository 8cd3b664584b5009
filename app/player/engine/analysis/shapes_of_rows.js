// What the rows of a matrix look like together: how their lengths and angles differ (NC2), and how two such sets do (NC3).

import { energyOf, lengthOfRow } from "./rounding.js";

/** numerator / denominator, NaN where the denominator is 0. @type {(numerator: number, denominator: number) => number} */
export function ratioOf(numerator, denominator) {
  return denominator === 0 ? NaN : numerator / denominator;
}

/** NC2, equal norms: standard deviation over mean (divisor K) of the lengths of the rows. @type {(rows: Float64Array, K: number, d: number) => number} */
export function normVariation(rows, K, d) {
  const lengths = Float64Array.from({ length: K }, (_, k) => lengthOfRow(rows, k, d));
  const mean = lengths.reduce((sum, x) => sum + x, 0) / K;
  return ratioOf(Math.sqrt(lengths.reduce((sum, x) => sum + (x - mean) ** 2, 0) / K), mean);
}

/** The rows over their lengths; NaN where a row is zero. @type {(rows: Float64Array, K: number, d: number) => Float64Array} */
export function rowsOverLengths(rows, K, d) {
  const unit = new Float64Array(K * d);
  for (let k = 0; k < K; k += 1) {
    const length = lengthOfRow(rows, k, d);
    for (let i = k * d; i < (k + 1) * d; i += 1) unit[i] = ratioOf(rows[i], length);
  }
  return unit;
}

/** @type {(unit: Float64Array, d: number, j: number, k: number) => number} */
export function cosineOf(unit, d, j, k) {
  let cosine = 0;
  for (let c = 0; c < d; c += 1) cosine += unit[j * d + c] * unit[k * d + c];
  return cosine;
}

/** NC2, equal angles: mean over pairs j != k of |cos_jk + 1/(K-1)|. @type {(rows: Float64Array, K: number, d: number) => number} */
export function angleError(rows, K, d) {
  const unit = rowsOverLengths(rows, K, d);
  let sum = 0;
  for (let j = 1; j < K; j += 1) for (let k = 0; k < j; k += 1) sum += Math.abs(cosineOf(unit, d, j, k) + 1 / (K - 1));
  return (2 * sum) / (K * (K - 1));
}

/** NC3: || W/||W|| - M/||M|| ||. @type {(W: Float64Array, M: Float64Array) => number} */
export function selfDuality(W, M) {
  const [sizeW, sizeM] = [Math.sqrt(energyOf(W)), Math.sqrt(energyOf(M))];
  let square = 0;
  for (let i = 0; i < W.length; i += 1) square += (ratioOf(W[i], sizeW) - ratioOf(M[i], sizeM)) ** 2;
  return Math.sqrt(square);
}

const DEGREES_OF_A_RADIAN = 180 / Math.PI;

/** Degrees of an angle, of its cosine up to rounding. @type {(cosine: number) => number} */
function degreesOf(cosine) {
  return DEGREES_OF_A_RADIAN * Math.acos(Math.max(-1, Math.min(1, cosine)));
}

/**
 * Of centred class means: the mean distance in degrees of their angles from arccos(-1/(K-1)), and the least and the largest
 * angle from one to its nearest; NaN where a mean has no length.
 * @type {(means: Float64Array, K: number, d: number) => { gap: number, nearest: [number, number] }}
 */
export function anglesOf(means, K, d) {
  const unit = rowsOverLengths(means, K, d);
  const ideal = degreesOf(-1 / (K - 1));
  let [gap, low, high] = [0, Infinity, -Infinity];
  for (let j = 0; j < K; j += 1) {
    let largest = -1;
    for (let k = 0; k < K; k += 1) {
      if (k === j) continue;
      const cosine = cosineOf(unit, d, j, k);
      gap += Math.abs(degreesOf(cosine) - ideal);
      largest = Math.max(largest, cosine);
    }
    low = Math.min(low, degreesOf(largest));
    high = Math.max(high, degreesOf(largest));
  }
  return { gap: gap / (K * (K - 1)), nearest: [low, high] };
}

/**
 * Mean cosines between centred classifiers of the smallest and of the largest classes, as `ulpm_core/analysis/imbalance.py`;
 * null where all classes have one size, NaN where there is no pair, or where classifiers, `own` before centring, are shorter
 * than a share `least` of the longest.
 * @type {(centred: Float64Array, sizes: number[], d: number, own?: Float64Array, least?: number) => { minority_cosine: number, majority_cosine: number, cross_cosine: number } | null}
 */
export function sizeCosines(centred, sizes, d, own = centred, least = 0) {
  const unit = rowsOverLengths(centred, sizes.length, d);
  const lengths = sizes.map((_, k) => lengthOfRow(own, k, d));
  const longest = Math.max(...lengths);
  lengths.forEach((length, k) => { if (length < least * longest) unit.fill(NaN, k * d, (k + 1) * d); });
  const of = (/** @type {number} */ size) => sizes.flatMap((other, k) => (other === size ? [k] : []));
  const [small, large] = [of(Math.min(...sizes)), of(Math.max(...sizes))];
  if (small.length === sizes.length) return null;
  return {
    minority_cosine: meanCosine(unit, d, small, small),
    majority_cosine: meanCosine(unit, d, large, large),
    cross_cosine: meanCosine(unit, d, small, large),
  };
}

/** Over all pairs of different rows; NaN where there are none. @type {(unit: Float64Array, d: number, some: number[], others: number[]) => number} */
function meanCosine(unit, d, some, others) {
  let [sum, pairs] = [0, 0];
  for (const j of some) {
    for (const k of others) {
      if (j === k) continue;
      sum += cosineOf(unit, d, j, k);
      pairs += 1;
    }
  }
  return sum / pairs;
}

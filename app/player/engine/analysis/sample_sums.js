// One pass over the samples of a state: all sums that the collapse metrics are read from (`Sums` in
// `ulpm_core/analysis/collapse.py`).

/** @import { State } from "../types.d.ts" */
/** @import { ClassMeans } from "./class_means.js" */
import { applyTo, singularValues } from "../linear_algebra.js";
import { countedOf } from "./rounding.js";

/**
 * Squared deviations from class means: `within` in all, and `whitened` by each way to take the means, NaN where no
 * direction between those is more than rounding; the smallest margin; how many samples have no positive margin, and of how
 * many classifier and nearest class mean disagree.
 * @typedef {{ within: number, whitened: number[], smallest: number, wrong: number, disagree: number }} SampleSums
 */

/** B, row after row, with B^T B = pinv(Sigma_B), Sigma_B = means^T means / K, of rank `most` at most. @type {(means: Float64Array, K: number, d: number, rounding: number, most: number, tolerance: number) => Float64Array} */
function whiteningOf(means, K, d, rounding, most, tolerance) {
  const root = Math.sqrt(K);
  const { S, V } = singularValues(means.map((x) => x / root), K, d);
  const rank = countedOf(S, rounding, most, tolerance);
  const B = new Float64Array(rank * d);
  for (let i = 0; i < rank; i += 1) for (let c = 0; c < d; c += 1) B[i * d + c] = V[c * S.length + i] / S[i];
  return B;
}

/** The first of the largest from `from` on, `count` of them; the first that is no number. @type {(y: Float64Array, from: number, count: number) => number} */
function firstLargest(y, from, count) {
  let at = from;
  let largest = y[from];
  for (let i = from + 1; i < from + count; i += 1) {
    if (y[i] <= largest || largest !== largest) continue; // NaN alone is not itself
    at = i;
    largest = y[i];
  }
  return at - from;
}

/** z_y - max_{j != y} z_j. @type {(z: Float64Array, K: number, own: number) => number} */
function marginOf(z, K, own) {
  let largest = -Infinity;
  for (let j = 0; j < K; j += 1) if (j !== own && (z[j] > largest || Number.isNaN(z[j]))) largest = z[j];
  return z[own] - largest;
}

/** `ways` are the class means as they are taken, and the most directions that they can span. @type {(state: State, of: ClassMeans, ways: [means: Float64Array, most: number][], sizes: number[], d: number, tolerance: number) => SampleSums} */
export function sampleSums({ W, H }, of, ways, sizes, d, tolerance) {
  const K = sizes.length;
  const samples = H.length / d;
  const { means, rounding } = of;
  const ranked = ways.map(([taken, most]) => whiteningOf(taken, K, d, rounding, most, tolerance));
  const ends = ranked.map((_, i) => ranked.slice(0, i + 1).reduce((sum, B) => sum + B.length / d, 0));
  const rows = ends[ends.length - 1];
  const white = new Float64Array(rows * d);
  ranked.forEach((B, i) => white.set(B, (i ? ends[i - 1] : 0) * d));
  const looked = new Float64Array(2 * K * d); // classifiers, and class means
  looked.set(W);
  looked.set(means, K * d);
  const half = Float64Array.from({ length: K }, (_, k) => {
    let square = 0;
    for (let c = 0; c < d; c += 1) square += means[k * d + c] ** 2;
    return square / 2;
  });
  const [column, deviation] = [new Float64Array(d), new Float64Array(d)];
  const [answers, spread, whitened] = [new Float64Array(2 * K), new Float64Array(rows), new Float64Array(ways.length)];
  let within = 0;
  let smallest = Infinity;
  let wrong = 0;
  let disagree = 0;
  for (let k = 0, sample = 0; k < K; k += 1) {
    for (const end = sample + sizes[k]; sample < end; sample += 1) {
      for (let c = 0; c < d; c += 1) {
        const value = H[c * samples + sample];
        const off = value - means[k * d + c];
        column[c] = value;
        deviation[c] = off;
        within += off * off;
      }
      applyTo(white, rows, d, deviation, spread);
      for (let way = 0, i = 0; way < ends.length; way += 1) {
        let square = 0;
        for (; i < ends[way]; i += 1) square += spread[i] * spread[i];
        whitened[way] += square;
      }
      applyTo(looked, 2 * K, d, column, answers);
      for (let j = 0; j < K; j += 1) answers[K + j] -= half[j]; // |h - m|^2 / 2 = |h|^2 / 2 - (m h - |m|^2 / 2)
      const margin = marginOf(answers, K, k);
      smallest = Math.min(smallest, margin);
      if (margin <= 0) wrong += 1;
      if (firstLargest(answers, 0, K) !== firstLargest(answers, K, K)) disagree += 1;
    }
  }
  return { within, whitened: ranked.map((B, i) => (B.length ? whitened[i] : NaN)), smallest, wrong, disagree };
}

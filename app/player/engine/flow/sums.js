// Sums over the entries of theta: its norm, weighted sums of stages, and products of matrices whose rows are samples.

/** Sums of squares above it, and below its inverse, have neither under- nor overflowed. */
const SQUARE = 1e-280;

/** Euclidean norm, also where squares leave float64. @type {(vector: Float64Array) => number} */
export function euclideanNorm(vector) {
  let total = 0;
  for (let i = 0; i < vector.length; i += 1) total += vector[i] * vector[i];
  if (SQUARE < total && total < 1 / SQUARE) return Math.sqrt(total);
  let largest = 0;
  for (let i = 0; i < vector.length; i += 1) largest = Math.max(largest, Math.abs(vector[i])); // NaN stays NaN
  if (!(0 < largest && largest < Infinity)) return largest;
  total = 0;
  for (let i = 0; i < vector.length; i += 1) total += (vector[i] / largest) ** 2;
  return largest * Math.sqrt(total);
}

/**
 * out = theta + h sum_s weights_s stages_s; without a theta, the sum alone.
 * @type {(theta: Float64Array | null, h: number, weights: number[], stages: Float64Array[], out: Float64Array) => void}
 */
export function addStages(theta, h, weights, stages, out) {
  if (theta) out.set(theta);
  else out.fill(0);
  for (let s = 0; s < weights.length; s += 1) {
    const factor = h * weights[s];
    const stage = stages[s];
    if (factor !== 0) for (let i = 0; i < out.length; i += 1) out[i] += factor * stage[i];
  }
}

/**
 * Adds factors[at + t * step] * from[start + t * length ... ] over `terms` rows of that length to the row of `out` that
 * begins at `to`. Four rows at once: each entry of `out` is read and written a fourth as often.
 * @type {(out: Float64Array, to: number, length: number, from: Float64Array, start: number, terms: number, factors: Float64Array, at: number, step: number) => void}
 */
export function addRows(out, to, length, from, start, terms, factors, at, step) {
  let t = 0;
  let row = start;
  for (; t + 3 < terms; t += 4, row += 4 * length) {
    const row1 = row + length;
    const row2 = row1 + length;
    const row3 = row2 + length;
    const f0 = factors[at + t * step];
    const f1 = factors[at + (t + 1) * step];
    const f2 = factors[at + (t + 2) * step];
    const f3 = factors[at + (t + 3) * step];
    for (let i = 0; i < length; i += 1) {
      out[to + i] += f0 * from[row + i] + f1 * from[row1 + i] + f2 * from[row2 + i] + f3 * from[row3 + i];
    }
  }
  for (; t < terms; t += 1, row += length) {
    const factor = factors[at + t * step];
    for (let i = 0; i < length; i += 1) out[to + i] += factor * from[row + i];
  }
}

/**
 * out[to + t * step] = the products of the row of `one` at `begin` with `terms` rows of `others` from `start` on, all of
 * that length. Four rows at once: their sums do not wait for each other.
 * @type {(out: Float64Array, to: number, step: number, length: number, one: Float64Array, begin: number, others: Float64Array, start: number, terms: number) => void}
 */
export function rowProducts(out, to, step, length, one, begin, others, start, terms) {
  let t = 0;
  let row = start;
  for (; t + 3 < terms; t += 4, row += 4 * length) {
    const row1 = row + length;
    const row2 = row1 + length;
    const row3 = row2 + length;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = 0; i < length; i += 1) {
      const value = one[begin + i];
      sum0 += value * others[row + i];
      sum1 += value * others[row1 + i];
      sum2 += value * others[row2 + i];
      sum3 += value * others[row3 + i];
    }
    out[to + t * step] = sum0;
    out[to + (t + 1) * step] = sum1;
    out[to + (t + 2) * step] = sum2;
    out[to + (t + 3) * step] = sum3;
  }
  for (; t < terms; t += 1, row += length) {
    let sum = 0;
    for (let i = 0; i < length; i += 1) sum += one[begin + i] * others[row + i];
    out[to + t * step] = sum;
  }
}

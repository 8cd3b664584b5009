// Tells rounding in class means from what is there, as `ulpm_core/analysis/rounding.py`.

/** How far two neighbouring numbers of float64 are apart, as a share. */
const EPSILON_OF_FLOAT64 = 2 ** -52;

/** The length up to which a difference of means over up to `count` vectors, of squared norms `energy` in all, is rounding. @type {(energy: number, count: number) => number} */
export function roundingLength(energy, count) {
  return count * EPSILON_OF_FLOAT64 * Math.sqrt(energy / count);
}

/** Sets rows that are no longer than `rounding` to 0. @type {(differences: Float64Array, rows: number, d: number, rounding: number) => Float64Array} */
export function withoutRounding(differences, rows, d, rounding) {
  for (let k = 0; k < rows; k += 1) {
    if (lengthOfRow(differences, k, d) <= rounding) differences.fill(0, k * d, (k + 1) * d);
  }
  return differences;
}

/** @type {(rows: Float64Array, k: number, d: number) => number} */
export function lengthOfRow(rows, k, d) {
  let square = 0;
  for (let i = k * d; i < (k + 1) * d; i += 1) square += rows[i] * rows[i];
  return Math.sqrt(square);
}

/** The sum of squares. @type {(entries: Float64Array) => number} */
export function energyOf(entries) {
  let energy = 0;
  for (let i = 0; i < entries.length; i += 1) energy += entries[i] * entries[i];
  return energy;
}

/**
 * How many of the singular values of class means over sqrt(K), which fall, count: at most so many, those whose square is
 * more than rounding of the largest and that no rounding of the means themselves can make.
 * @type {(S: Float64Array, rounding: number, most: number, tolerance: number) => number}
 */
export function countedOf(S, rounding, most, tolerance) {
  let count = 0;
  while (count < Math.min(most, S.length) && tolerance * S[0] ** 2 < S[count] ** 2 && rounding < S[count]) count += 1;
  return count;
}

// The Euclidean norm, also where squares leave float64.

/** Sums of squares above it, and below its inverse, have neither under- nor overflowed. */
const SQUARE = 1e-280;

/** @type {(vector: Float64Array) => number} */
export function euclideanNorm(vector) {
  let total = 0;
  for (let i = 0; i < vector.length; i += 1) total += vector[i] * vector[i];
  return normOfSquares(total, () => vector);
}

/** The norm of a vector whose squares have this sum; the vector is looked at where they left float64. @type {(total: number, vector: () => Float64Array) => number} */
export function normOfSquares(total, vector) {
  if (SQUARE < total && total < 1 / SQUARE) return Math.sqrt(total);
  const values = vector();
  let largest = 0;
  for (let i = 0; i < values.length; i += 1) largest = Math.max(largest, Math.abs(values[i])); // NaN stays NaN
  if (!(0 < largest && largest < Infinity)) return largest;
  let scaled = 0;
  for (let i = 0; i < values.length; i += 1) scaled += (values[i] / largest) ** 2;
  return largest * Math.sqrt(scaled);
}

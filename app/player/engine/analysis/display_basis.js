// The frame in which a run is shown: orthonormal directions of feature space, fixed by the end state, as
// `ulpm_core/analysis/projection.py` determines them.

/** @import { StageFigures } from "./figures.d.ts" */
import { simplexEtf } from "../etf.js";
import { multiply, multiplyTransposed, singularValues, transposed } from "../linear_algebra.js";
import { symmetricEigen } from "../symmetric_eigen.js";
import { energyOf } from "./rounding.js";

/**
 * R (r, d) with orthonormal rows that brings a frame (K, r) nearest to centred class means (K, d), d >= r: with
 * frame^T means = U S V^T it is U V^T (Schoenemann 1966). `turned` is frame^T.
 * @type {(turned: Float64Array, means: Float64Array, r: number, K: number, d: number) => Float64Array}
 */
export function nearestTurn(turned, means, r, K, d) {
  const { U, V } = singularValues(multiply(turned, means, r, K, d), r, d);
  return multiplyTransposed(U, V, r, r, d);
}

/**
 * The frame (axes, d), row after row: the K-1 directions of the simplex nearest to the end state's class means; directions
 * beyond them, and all where no simplex fits, are principal axes of the features outside it, or of the class means.
 * @type {(means: Float64Array, H: Float64Array, K: number, d: number, axes: number, figures: StageFigures) => Float64Array}
 */
export function displayFrame(means, H, K, d, axes, figures) {
  if (d < K - 1) {
    const { S, V } = singularValues(means, K, d);
    return determinedAxes(transposed(V, d, d), S, Math.sqrt(energyOf(S)), d, axes, new Float64Array(0), figures);
  }
  const simplex = nearestTurn(transposed(simplexEtf(K, K - 1), K, K - 1), means, K - 1, K, d);
  if (axes <= K - 1) return simplex.slice(0, axes * d);
  const samples = H.length / d;
  const outside = H.slice();
  for (let c = 0; c < d; c += 1) {
    let sum = 0;
    for (let i = c * samples; i < (c + 1) * samples; i += 1) sum += H[i];
    for (let i = c * samples; i < (c + 1) * samples; i += 1) outside[i] -= sum / samples;
  }
  const size = Math.sqrt(energyOf(outside));
  const along = multiply(simplex, outside, K - 1, d, samples);
  const back = multiply(transposed(simplex, K - 1, d), along, d, K - 1, samples);
  const left = outside.map((x, i) => x - back[i]);
  const { values, vectors } = symmetricEigen(multiplyTransposed(left, left, d, samples, d), d);
  const lengths = values.map((square) => Math.sqrt(Math.max(0, square))).subarray(0, d - K + 1);
  return determinedAxes(transposed(vectors, d, d), lengths, size, d, axes - K + 1, simplex, figures);
}

/**
 * `before` and the first `count` principal axes, rows of `principal` whose lengths fall, as they span their spaces and not
 * as rounding left them. Lengths that are even with the one before, and all that are nothing beside `size`, are of one
 * space. In each, the first axis points to where the first coordinate of feature space falls that stands out there, the
 * next one likewise in what is left; an axis alone so gets a sign.
 * @type {(principal: Float64Array, lengths: Float64Array, size: number, d: number, count: number, before: Float64Array, figures: StageFigures) => Float64Array}
 */
function determinedAxes(principal, lengths, size, d, count, before, { even, nothing, stands_out: standsOut }) {
  const frame = new Float64Array(before.length + count * d);
  frame.set(before);
  const counted = lengths.map((length) => (length > nothing * size ? length : 0));
  let axis = before.length / d;
  for (let from = 0, end = 0; end < counted.length && axis * d < frame.length; from = end) {
    for (end = from + 1; end < counted.length && !(counted[end] < (1 - even) * counted[end - 1]); end += 1);
    const seen = counted[from] > 0 ? projector(principal, from, end, d) : leftOver(frame, axis, d);
    for (let i = from; i < end && axis * d < frame.length; i += 1, axis += 1) frame.set(nextAxis(seen, d, standsOut), axis * d);
  }
  return frame;
}

/** P (d, d) onto the rows from `from` to `end`. @type {(rows: Float64Array, from: number, end: number, d: number) => Float64Array} */
function projector(rows, from, end, d) {
  const space = rows.slice(from * d, end * d);
  return multiply(transposed(space, end - from, d), space, d, end - from, d);
}

/** P (d, d) onto what the first rows leave. @type {(rows: Float64Array, count: number, d: number) => Float64Array} */
function leftOver(rows, count, d) {
  return projector(rows, 0, count, d).map((x, i) => (i % (d + 1) === 0 ? 1 : 0) - x);
}

/** The next axis of the space onto which `seen` projects, which then leaves it out. @type {(seen: Float64Array, d: number, standsOut: number) => Float64Array} */
function nextAxis(seen, d, standsOut) {
  const squares = Float64Array.from({ length: d }, (_, c) => energyOf(seen.subarray(c * d, (c + 1) * d)));
  const largest = squares.reduce((most, square) => Math.max(most, square), 0);
  const first = squares.findIndex((square) => square >= standsOut ** 2 * largest);
  const length = Math.sqrt(squares[first]);
  const axis = seen.slice(first * d, (first + 1) * d).map((x) => x / length);
  const along = multiply(seen, axis, d, d, 1);
  for (let i = 0; i < d * d; i += 1) seen[i] -= along[Math.trunc(i / d)] * axis[i % d];
  return axis;
}

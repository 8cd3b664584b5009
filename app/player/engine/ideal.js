// The global optimum of what a run minimises as far as it is known, and how far a state is from it; as
// `ulpm_core/model/ideal.py`.

/** @import { Ideal, Spectrum } from "./parts.d.ts" */
/** @import { State } from "./types.d.ts" */
import { multiply, multiplyTransposed, singularValues, transposed } from "./linear_algebra.js";
import { firstColumns } from "./losses/encoding.js";

const LEAST_THRESHOLD = 1e-300;
/** Of an interval of log c of length 1400 at most: to the last digits of float64. */
const THRESHOLD_HALVINGS = 70;

/**
 * W = U a (K, d) and H = b V^T D^(-1/2) Y (d, N), in the first r of d dimensions.
 * @type {(best: Spectrum, sizes: number[], dimension: number, a: Float64Array, b: Float64Array) => State}
 */
export function placed({ U, V }, sizes, dimension, a, b) {
  const [r, samples] = [a.length, sizes.reduce((sum, size) => sum + size, 0)];
  const W = new Float64Array(sizes.length * dimension);
  const H = new Float64Array(dimension * samples);
  let first = 0;
  sizes.forEach((size, k) => {
    for (let j = 0; j < r; j += 1) {
      W[k * dimension + j] = U[k * r + j] * a[j];
      H.fill((V[k * r + j] * b[j]) / Math.sqrt(size), j * samples + first, j * samples + first + size);
    }
    first += size;
  });
  return { W, H };
}

/**
 * The logits where a loss is least among those with ||Z||_* <= `most`, from those where f + c ||Z||_* is least,
 * `spectrum(c)`: the multiplier c is where their sum of singular values, which falls with c, is `most`. Null where
 * spectra are not known.
 * @type {(spectrum: (threshold: number) => Spectrum | null, most: number) => Spectrum | null}
 */
export function leastWithin(spectrum, most) {
  let high = 1;
  let best = spectrum(high);
  while (best !== null && sumOf(best.S) > most) best = spectrum((high *= 2));
  if (best === null) return null;
  let [low, top] = [Math.log(LEAST_THRESHOLD), Math.log(high)];
  for (let halving = 0; halving < THRESHOLD_HALVINGS; halving += 1) {
    const middle = (low + top) / 2;
    const found = spectrum(Math.exp(middle));
    if (found === null) return null;
    if (sumOf(found.S) > most) low = middle;
    else [top, best] = [middle, found];
  }
  return best;
}

/**
 * ||theta R - theta*|| / ||theta*|| of each state at the best rotation R of feature space. Where the ideal is a direction
 * alone theta is scaled first, as fits best. NaN where no ideal is known, or it is 0.
 *
 * The ideal's features are one point for each class. So the distance is that of the class means, each counted as often
 * as it has samples, and what the samples are apart from their mean, which no rotation changes.
 * @type {(ideal: Ideal, states: State[], sizes: number[], dimension: number) => number[]}
 */
export function distancesToIdeal({ state: best, direction }, states, sizes, dimension) {
  if (best === null || !best.W.some((entry) => entry !== 0)) return states.map(() => NaN);
  const rank = Math.min(dimension, sizes.length);
  const target = firstColumns(summary(best, sizes, dimension, 1).rows, dimension, rank);
  const norm = Math.sqrt(squares(target));
  return states.map((state) => distance(state, { target, rank, sizes, dimension, direction }) / norm);
}

/** @typedef {{ target: Float64Array, rank: number, sizes: number[], dimension: number, direction: boolean }} Aim */

/** @type {(state: State, aim: Aim) => number} */
function distance(state, { target, rank, sizes, dimension, direction }) {
  const height = 2 * sizes.length;
  const largest = Math.max(largestEntry(state.W), largestEntry(state.H)) || 1;
  const { rows, scatter } = summary(state, sizes, dimension, largest);
  const turned = transposed(rows, height, dimension);
  const { U, S, V } = singularValues(multiply(turned, target, dimension, height, rank), dimension, rank);
  const reach = sumOf(S);
  const scale = direction && reach > 0 ? reach / (squares(rows) + scatter) : largest;
  const along = multiply(rows, U, height, dimension, rank);
  const near = multiplyTransposed(along, V, height, rank, rank);
  const inside = multiplyTransposed(along, U, height, rank, dimension);
  let sum = scale * scale * scatter;
  for (let i = 0; i < near.length; i += 1) sum += (scale * near[i] - target[i]) ** 2;
  for (let i = 0; i < rows.length; i += 1) sum += (scale * (rows[i] - inside[i])) ** 2;
  return Math.sqrt(sum);
}

/**
 * The rows w_k, then sqrt(n_k) times the mean of each class, (2K, d), over a unit; and the sum of squared distances of
 * samples from their mean.
 * @type {(state: State, sizes: number[], dimension: number, unit: number) => { rows: Float64Array, scatter: number }}
 */
function summary({ W, H }, sizes, dimension, unit) {
  const rows = new Float64Array(2 * W.length);
  W.forEach((entry, i) => (rows[i] = entry / unit));
  let [scatter, at] = [0, 0];
  for (let j = 0; j < dimension; j += 1) {
    sizes.forEach((size, k) => {
      let sum = 0;
      for (let i = at; i < at + size; i += 1) sum += H[i] / unit;
      for (let i = at; i < at + size; i += 1) scatter += (H[i] / unit - sum / size) ** 2;
      rows[W.length + k * dimension + j] = sum / Math.sqrt(size);
      at += size;
    });
  }
  return { rows, scatter };
}

/** @type {(A: Float64Array) => number} */
function sumOf(A) {
  return A.reduce((sum, entry) => sum + entry, 0);
}

/** @type {(A: Float64Array) => number} */
function squares(A) {
  return A.reduce((sum, entry) => sum + entry * entry, 0);
}

/** The largest entry by size. @type {(A: Float64Array) => number} */
export function largestEntry(A) {
  return A.reduce((largest, entry) => Math.max(largest, Math.abs(entry)), 0);
}

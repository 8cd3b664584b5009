// The optimum for classes whose sizes differ: a convex problem of a few numbers, since classes of one size are alike; as
// `ulpm_core/model/uneven.py`.

/** @import { Loss, Spectrum } from "./parts.d.ts" */
import { leastOf, slopesOf } from "./uneven_newton.js";
import { simplexEtf } from "./etf.js";
import { singularValues } from "./linear_algebra.js";

const MOST_SIZES = 6;
/** A singular value below this share of the largest is 0. */
const NO_LENGTH = 1e-9;
/** Accuracy, in the logarithm, of a sum of singular values that is asked for. */
const ROOT_WITHIN = 1e-12;
/** The logarithm that stands for that of 0. */
const LEAST_LOG = -690;
const MOST_TURNS = 200;

/**
 * The different sizes of classes, ascending: which of them each class has, how many classes have each, and the first of
 * these.
 * @typedef {{ size: number[], ofClass: number[], count: number[], first: Int32Array }} KindsOfSizes
 */

/**
 * Where f(Z) + c ||C D^p||_* is least, for Z = C Y with a column of C (K, K) for each class: U, S and V of C D^p. Power
 * p = 1/2 is for weight decay, 0 for norm balls. Null where it is not found, or sizes are of too many kinds.
 * `merged`: among Z in which the smallest classes are alike.
 * @type {(loss: Loss, sizes: number[], threshold: number, power?: number, merged?: boolean) => Spectrum | null}
 */
export function unevenSpectrum(loss, sizes, threshold, power = 0.5, merged = false) {
  const kinds = kindsOf(sizes);
  if (kinds.size.length > MOST_SIZES) return null;
  const problem = slopesOf(loss, kinds, threshold, power);
  const x = leastOf(problem, merged);
  return x && spectrumOf(problem.split(x), kinds, problem.f(x));
}

/**
 * Where f(Z) is least among Z = C Y with ||C||_* <= `most`, where that holds f back: U, S and V are those of C. The
 * multiplier c is where the sum of singular values is `most`: by false position in log c.
 * @type {(loss: Loss, sizes: number[], most: number) => Spectrum | null}
 */
export function unevenWithin(loss, sizes, most) {
  /** @type {Spectrum | null} */
  let best = null;
  const lacks = (/** @type {number} */ logC) => {
    best = unevenSpectrum(loss, sizes, Math.exp(logC), 0);
    return best ? Math.log(most) - logSum(best.S) : NaN;
  };
  let [low, high] = [Math.log(Math.max(...sizes)), Math.log(Math.max(...sizes))];
  while (low > LEAST_LOG && lacks(low) > 0) [high, low] = [low, low - 2];
  meet(lacks, low, high);
  return best;
}

/** The logarithm of a sum of singular values. @type {(S: Float64Array) => number} */
export function logSum(S) {
  return S.length ? Math.log(S.reduce((sum, s) => sum + s, 0)) : LEAST_LOG;
}

/**
 * The x between `low` and `high` at which a rising function is 0, by false position; NaN where it is NaN. It is called
 * last where the answer is.
 * @type {(rising: (x: number) => number, low: number, high: number) => number}
 */
export function meet(rising, low, high) {
  let [below, above] = [rising(low), rising(high)];
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const middle = turns % 3 && above > below ? low - ((high - low) * below) / (above - below) : (low + high) / 2;
    const here = rising(middle);
    if (!(Math.abs(here) > ROOT_WITHIN) || high - low < ROOT_WITHIN) return Number.isNaN(here) ? NaN : middle;
    if (here > 0) [high, above] = [middle, here];
    else [low, below] = [middle, here];
  }
  return (low + high) / 2;
}

/** @type {(sizes: number[]) => KindsOfSizes} */
function kindsOf(sizes) {
  const size = [...new Set(sizes)].sort((a, b) => a - b);
  const ofClass = sizes.map((n) => size.indexOf(n));
  const count = size.map((_, g) => ofClass.filter((kind) => kind === g).length);
  return { size, ofClass, count, first: Int32Array.from(size, (n) => sizes.indexOf(n)) };
}

/** U, S and V of C D^p, what is 0 left out, and f. @type {(x: { s: Float64Array, P: Float64Array, Q: Float64Array }, kinds: KindsOfSizes, value: number) => Spectrum} */
function spectrumOf({ s, P, Q }, { ofClass, count }, value) {
  const [K, m] = [ofClass.length, count.length];
  /** @type {{ length: number, u: number[], v: number[] }[]} */
  const found = [];
  for (let g = 0; g < m; g += 1) {
    const frame = simplexEtf(count[g], count[g] - 1);
    for (let j = 0; j < count[g] - 1; j += 1) {
      let at = 0;
      const column = ofClass.map((kind) => (kind === g ? frame[at++ * (count[g] - 1) + j] : 0));
      found.push({ length: s[g] ** 2, u: column, v: column });
    }
  }
  const product = new Float64Array(m * m);
  for (let i = 0; i < m * m; i += 1) for (let k = 0; k < m; k += 1) product[i] += P[Math.floor(i / m) * m + k] * Q[(i % m) * m + k];
  const { U, S, V } = singularValues(product, m, m);
  const across = (/** @type {Float64Array} */ A, /** @type {number} */ j) => ofClass.map((kind) => A[kind * m + j] / Math.sqrt(count[kind]));
  S.forEach((length, j) => found.push({ length, u: across(U, j), v: across(V, j) }));
  const longest = Math.max(...found.map(({ length }) => length), 1e-300);
  const kept = found.filter(({ length }) => length > NO_LENGTH * longest);
  const columns = (/** @type {"u" | "v"} */ side) => Float64Array.from({ length: K * kept.length }, (_, i) => kept[i % kept.length][side][Math.floor(i / kept.length)]);
  return { U: columns("u"), S: Float64Array.from(kept, ({ length }) => length), V: columns("v"), value, unique: true };
}

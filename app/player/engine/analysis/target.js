// The frame that a run tends to where it is no simplex: of classes that differ in size, or have too little room; as
// `ulpm_core/analysis/target.py`.

/** @import { Config } from "../config.js" */
/** @import { Objective } from "../objective.js" */
/** @import { TargetOfRun } from "../types.d.ts" */
import { centredRows } from "../linear_algebra.js";
import { stepRule } from "../rules/known.js";
import { cosineOf, rowsOverLengths } from "./shapes_of_rows.js";

/** Of five classes in space: how far the classifiers of both crossed pairs lie below the middle. */
const BELOW = (5 * Math.sqrt(20)) ** -0.5;

/** The frame that a run tends to, of centred class means that end at `ends`; null where it is a simplex, or unknown. @type {(config: Config, objective: Objective, ends: Float64Array) => TargetOfRun | null} */
export function targetOf(config, objective, ends) {
  const { classes: K, dimension: d, sizes } = config;
  if (ofAnotherNorm(config)) return null;
  if (config.class_sizes.length) {
    const { state } = objective.goal;
    if (state === null || !state.W.some((entry) => entry !== 0)) return null;
    return { kind: "differing", means: centredMeans(state.H, [...sizes], d), classifiers: centredRows(state.W, K, d) };
  }
  const frames = config.simplexFits || !config.isUlpm || !ends.every(Number.isFinite) ? null : framesOf(K, d);
  if (frames === null) return null;
  const order = d === 2 ? around(ends) : paired(ends, K, d);
  const placed = frames.map((frame) => {
    const rows = new Float64Array(K * d);
    order.forEach((k, i) => rows.set(frame.subarray(i * d, (i + 1) * d), k * d));
    return centredRows(rows, K, d);
  });
  return { kind: "known", means: placed[0], classifiers: placed[1] };
}

/** The name of the sentence that says why no frame is drawn though there is room; empty where what is best is one geometry, and known. @type {(config: Config, objective: Objective) => string} */
export function whyNone(config, objective) {
  if (ofAnotherNorm(config)) return "frame-of-another-norm";
  const { state, value } = objective.goal;
  if (state === null) return Number.isNaN(value) ? "frame-unknown" : "frames-many";
  return state.W.some((entry) => entry !== 0) ? "" : "frame-vanished";
}

/** Whether steps of another norm seek a margin of their own, or rest elsewhere on bounds. @type {(config: Config) => boolean} */
function ofAnotherNorm(config) {
  return stepRule(config).geometry !== "euclidean" && !config.flows && (config.isUlpm || config.isHeld);
}

/** The class means of H, whose samples of a class are alike, less the mean over samples. @type {(H: Float64Array, sizes: number[], d: number) => Float64Array} */
function centredMeans(H, sizes, d) {
  const [K, samples] = [sizes.length, sizes.reduce((sum, size) => sum + size, 0)];
  const means = new Float64Array(K * d);
  for (let c = 0; c < d; c += 1) {
    let [first, centre] = [0, 0];
    sizes.forEach((size, k) => {
      means[k * d + c] = H[c * samples + first];
      centre += (size * means[k * d + c]) / samples;
      first += size;
    });
    for (let k = 0; k < K; k += 1) means[k * d + c] -= centre;
  }
  return means;
}

/** Class means and classifiers of the best frame known. @type {(K: number, d: number) => [Float64Array, Float64Array] | null} */
function framesOf(K, d) {
  if (d === 2) {
    const polygon = Float64Array.from({ length: 2 * K }, (_, i) => (i % 2 ? Math.sin : Math.cos)((2 * Math.PI * Math.floor(i / 2)) / K));
    return [polygon, polygon];
  }
  const crossed = new Float64Array(K * d);
  for (let k = 0; k < Math.min(K, 2 * d); k += 1) crossed[k * d + Math.floor(k / 2)] = k % 2 ? -1 : 1;
  if (K === 2 * d) return [crossed, crossed];
  if (K !== 5 || d !== 3) return null;
  const classifiers = crossed.map((x, i) => (i % 3 === 2 ? -BELOW : x));
  crossed[14] = Math.sqrt(20) * BELOW;
  classifiers[14] = 4 * BELOW;
  return [crossed, classifiers];
}

/** The classes in the order in which they lie around the middle. @type {(ends: Float64Array) => number[]} */
function around(ends) {
  const angle = (/** @type {number} */ k) => Math.atan2(ends[2 * k + 1], ends[2 * k]);
  return Array.from({ length: ends.length / 2 }, (_, k) => k).sort((a, b) => angle(a) - angle(b) || a - b);
}

/** The classes in pairs, of those left always the two whose cosine is lowest; one alone is last. @type {(ends: Float64Array, K: number, d: number) => number[]} */
function paired(ends, K, d) {
  const unit = rowsOverLengths(ends, K, d);
  const found = [];
  let left = Array.from({ length: K }, (_, k) => k);
  while (left.length > 1) {
    let [lowest, one, other] = [Infinity, left[0], left[1]];
    left.forEach((j, i) => left.slice(i + 1).forEach((k) => {
      const cosine = cosineOf(unit, d, j, k);
      if (cosine < lowest) [lowest, one, other] = [cosine, j, k];
    }));
    found.push(one, other);
    left = left.filter((k) => k !== one && k !== other);
  }
  return [...found, ...left];
}

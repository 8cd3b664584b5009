// The collapse metrics NC1 to NC4, the margins, and gamma of one state, as `ulpm_core/analysis/collapse.py` defines them.
// What is not defined (0/0: no spread, no norm, one pair) is NaN, never 0.

/** @import { State } from "../types.d.ts" */
/** @import { StageFigures } from "./figures.d.ts" */
import { encodingFactors } from "../losses/encoding.js";
import { classMeans } from "./class_means.js";
import { centredRows } from "../linear_algebra.js";
import { energyOf, roundingLength, withoutRounding } from "./rounding.js";
import { sampleSums } from "./sample_sums.js";
import { angleError, normVariation, ratioOf, selfDuality, sizeCosines } from "./shapes_of_rows.js";

/**
 * The metrics of one state; the share of its samples without a positive margin; its class means less their centre, and that
 * centre.
 * @typedef {{ metrics: Record<string, number>, error: number, centred: Float64Array, centre: Float64Array }} Collapse
 */

/** ||Pi Y||_*, the least ||W|| ||H|| with which every margin is 1. @type {(sizes: number[]) => number} */
export function leastNormProduct(sizes) {
  if (sizes.every((size) => size === sizes[0])) return (sizes.length - 1) * Math.sqrt(sizes[0]);
  return encodingFactors(sizes).S.reduce((sum, value) => sum + value, 0);
}

/** What is measured of a state; `least` is the least norm product of these sizes. @type {(state: State, sizes: number[], d: number, least: number, figures: StageFigures) => Collapse} */
export function collapseOf(state, sizes, d, least, figures) {
  const K = sizes.length;
  const samples = state.H.length / d;
  const of = classMeans(state.H, sizes, d);
  /** @type {[means: Float64Array, most: number][]} */
  const ways = [[of.centred, K - 1], [of.means, K]];
  if (sizes.some((size) => size !== sizes[0])) ways.push([centredRows(of.centred, K, d), K - 1]); // each class counts once
  const sums = sampleSums(state, of, ways, sizes, d, figures.rank_tolerance);
  const energyW = energyOf(state.W);
  const W = withoutRounding(centredRows(state.W, K, d), K, d, roundingLength(energyW, K));
  const within = sums.within / samples;
  const [centred, uncentred, byClass] = ways.map(([means], i) => ofMeans(means, i === 1 ? state.W : W, K, d, {
    nc1_trace_ratio: ratioOf(within, energyOf(means) / K),
    nc1: sums.whitened[i] / (samples * K),
  }));
  const metrics = {
    ...centred,
    nc4: sums.disagree / samples,
    q_min: sums.smallest,
    gamma: ratioOf(2 * least * sums.smallest, energyW + of.energy),
    ...ending("_uncentred", uncentred),
    ...(byClass ? ending("_class_centred", byClass, (name) => !name.endsWith("_w")) : {}),
    ...sizeCosines(W, sizes, d, state.W, figures.no_length),
  };
  return { metrics, error: sums.wrong / samples, centred: of.centred, centre: of.centre };
}

/** @type {(means: Float64Array, classifiers: Float64Array, K: number, d: number, spread: Record<string, number>) => Record<string, number>} */
function ofMeans(means, classifiers, K, d, spread) {
  return {
    ...spread,
    nc2_norms: normVariation(means, K, d),
    nc2_norms_w: normVariation(classifiers, K, d),
    nc2_angles: angleError(means, K, d),
    nc2_angles_w: angleError(classifiers, K, d),
    nc3: selfDuality(classifiers, means),
  };
}

/** @type {(suffix: string, metrics: Record<string, number>, kept?: (name: string) => boolean) => Record<string, number>} */
function ending(suffix, metrics, kept = () => true) {
  return Object.fromEntries(Object.entries(metrics).flatMap(([name, value]) => (kept(name) ? [[name + suffix, value]] : [])));
}

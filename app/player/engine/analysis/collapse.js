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
  const sums = sampleSums(state, of, sizes, d, figures.rank_tolerance);
  const energyW = energyOf(state.W);
  const W = withoutRounding(centredRows(state.W, K, d), K, d, roundingLength(energyW, K));
  const within = sums.within / samples;
  const [centred, uncentred] = [[of.centred, W], [of.means, state.W]].map(([means, classifiers], i) => ({
    nc1_trace_ratio: ratioOf(within, energyOf(means) / K),
    nc1: sums.whitened[i] / (samples * K),
    nc2_norms: normVariation(means, K, d),
    nc2_norms_w: normVariation(classifiers, K, d),
    nc2_angles: angleError(means, K, d),
    nc2_angles_w: angleError(classifiers, K, d),
    nc3: selfDuality(classifiers, means),
  }));
  const metrics = {
    ...centred,
    nc4: sums.disagree / samples,
    q_min: sums.smallest,
    gamma: ratioOf(2 * least * sums.smallest, energyW + of.energy),
    ...Object.fromEntries(Object.entries(uncentred).map(([name, value]) => [`${name}_uncentred`, value])),
    ...sizeCosines(W, sizes, d),
  };
  return { metrics, error: sums.wrong / samples, centred: of.centred, centre: of.centre };
}

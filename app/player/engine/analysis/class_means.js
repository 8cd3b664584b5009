// The class means of a state, as `ulpm_core/analysis/class_means.py`: every sample weighs the same in their centre.

import { energyOf, roundingLength, withoutRounding } from "./rounding.js";

/**
 * Class means (K, d), the mean over samples `centre`, ||H||^2 as `energy`, the length up to which a difference of means is
 * `rounding`, and the means less the centre, 0 where they are rounding.
 * @typedef {{ means: Float64Array, centre: Float64Array, energy: number, rounding: number, centred: Float64Array }} ClassMeans
 */

/** @type {(H: Float64Array, sizes: number[], d: number) => ClassMeans} */
export function classMeans(H, sizes, d) {
  const K = sizes.length;
  const samples = H.length / d;
  const means = new Float64Array(K * d);
  const centre = new Float64Array(d);
  for (let c = 0; c < d; c += 1) {
    let at = c * samples;
    let whole = 0;
    for (let k = 0; k < K; k += 1) {
      let sum = 0;
      for (const end = at + sizes[k]; at < end; at += 1) sum += H[at];
      means[k * d + c] = sum / sizes[k];
      whole += sum;
    }
    centre[c] = whole / samples;
  }
  const energy = energyOf(H);
  const rounding = roundingLength(energy, samples);
  const differences = means.map((mean, i) => mean - centre[i % d]);
  return { means, centre, energy, rounding, centred: withoutRounding(differences, K, d, rounding) };
}

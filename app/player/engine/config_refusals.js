// Refusals of fields that do not go together, as ulpm_core/model/config.py, class_sizes.py and
// objective_refusals.py refuse them, in the phrases that Python exports.

/** @import { Config } from "./config.js" */
/** @import { Refusal } from "./refusal.js" */
/** @import { Parameter, Parameters, Phrases } from "./types.d.ts" */
import { filled } from "./film/said.js";
import { general } from "./number_words.js";
import { LONGEST_VALUE, refuse, shownValue, spanWords } from "./refusal.js";

/** The loss that has a smoothing. */
export const SMOOTHED = "label-smoothing";
const DIGEST_FORM = /^[0-9a-f]{64}$/;

/**
 * Refuses a config of which each field is sound, and two are not together; `decayH` is what was given for H.
 * @type {(config: Config, decayH: number, parameters: Parameters) => void}
 */
export function refuseTogether(config, decayH, { known, refusals: phrases }) {
  const { classes, dimension } = config;
  refuseCrowd(config, known.per_class.most ?? Infinity, phrases);
  if (config.initialisation === "etf-perturbed" && !config.simplexFits) {
    const why = filled(phrases["no-simplex"], { classes, dimension });
    throw refuse(phrases, "initialisation", "etf-perturbed", why, filled(phrases["simplex-fits"], { least: classes - 1 }));
  }
  refuseIdleSmoothing(config, known.smoothing, phrases);
  refuseBetween(decayH, phrases);
  refuseBoundsBesideDecay(config, phrases);
  refuseBesideSpheres(config, phrases);
  if (config.decay !== known.decay.default && config.fast_forward > 0) {
    throw refuse(phrases, "fast_forward", sixDigits(config.fast_forward), phrases["beside-the-flow"], "0");
  }
  refuseHeldFlow(config, phrases);
  if (config.initial_digest && !DIGEST_FORM.test(config.initial_digest)) {
    throw refuse(phrases, "initial_digest", config.initial_digest, phrases.digest, phrases.digests);
  }
}

/** More numbers than a run may have. @type {(config: Config, most: number, phrases: Phrases) => void} */
function refuseCrowd({ entries, classes, dimension, sizes }, most, phrases) {
  if (entries <= most) return;
  const fits = Math.max(1, Math.floor(most / (dimension * classes)) - 1);
  const why = filled(phrases.crowd, { entries: entries.toLocaleString("en"), classes, dimension });
  throw tooManySamples(phrases, sizes, why, fits);
}

/** The most samples of a class with which a run fits; 1 where even that does not. @type {(sizes: number[], holds: (most: number) => boolean) => number} */
export function samplesThatFit(sizes, holds) {
  let [fits, beyond] = [1, Math.max(...sizes)];
  while (beyond - fits > 1) {
    const middle = Math.floor((fits + beyond) / 2);
    if (holds(middle)) fits = middle;
    else beyond = middle;
  }
  return fits;
}

/** The refusal of so many samples, where up to `fits` of each class would do. @type {(phrases: Phrases, sizes: number[], why: string, fits: number) => Refusal} */
export function tooManySamples(phrases, sizes, why, fits) {
  if (Math.min(...sizes) === Math.max(...sizes)) return refuse(phrases, "per_class", sizes[0], why, spanWords(phrases, 1, fits), String(fits));
  const capped = sizes.map((size) => Math.min(size, fits)).join(",");
  const example = capped.length <= LONGEST_VALUE ? capped : filled(phrases.each, { fits });
  return refuse(phrases, "class_sizes", shownValue(sizes.join(",")), why, filled(phrases.fits, { fits }), example);
}

/** A smoothing beside a loss that has none. @type {(config: Config, row: Parameter, phrases: Phrases) => void} */
function refuseIdleSmoothing({ loss, smoothing }, row, phrases) {
  if (smoothing === row.default || loss === SMOOTHED) return;
  const [why, use] = [filled(phrases.idle, { loss }), filled(phrases.smooths, { loss: SMOOTHED })];
  throw refuse(phrases, "smoothing", sixDigits(smoothing), why, use, null, phrases["leave-out"]);
}

/** A decay of H that is negative, but for the one that stands for that of W. @type {(decayH: number, phrases: Phrases) => void} */
function refuseBetween(decayH, phrases) {
  if (decayH > -1 && decayH < 0) {
    throw refuse(phrases, "weight_decay_h", sixDigits(decayH), phrases.range, phrases.decays, "0");
  }
}

/** Bounds beside weight decay: of both together no optimum is known. @type {(config: Config, phrases: Phrases) => void} */
function refuseBoundsBesideDecay({ norm_bound_w: W, norm_bound_h: H, decays }, phrases) {
  for (const [name, bound] of Object.entries({ norm_bound_w: W, norm_bound_h: H })) {
    if (bound < Infinity && Math.max(...decays) > 0) {
      throw refuse(phrases, name, sixDigits(bound), phrases.held, "none");
    }
  }
}

/** A feature norm beside weight decay or bounds, which have nothing to say there. @type {(config: Config, phrases: Phrases) => void} */
function refuseBesideSpheres({ feature_norm: norm, bounds, decays }, phrases) {
  const decayed = Math.max(...decays) > 0;
  if (norm === Infinity || !(decayed || Math.min(...bounds) < Infinity)) return;
  const beside = decayed ? phrases.decay : phrases.bounds;
  throw refuse(phrases, "feature_norm", sixDigits(norm), filled(phrases.fixed, { beside }), "none");
}

/** Gradient flow where norms are held: it would lead out of there. @type {(config: Config, phrases: Phrases) => void} */
function refuseHeldFlow({ method, fast_forward: forward, bounds, feature_norm: norm }, phrases) {
  const bounded = Math.min(...bounds) < Infinity;
  if (!bounded && norm === Infinity) return;
  const objective = { objective: bounded ? phrases.bounds : phrases.spheres };
  if (method === "gradient-flow") {
    throw refuse(phrases, "method", method, phrases.out, phrases.steps, "gradient-descent", filled(phrases.with, objective));
  }
  if (forward > 0) throw refuse(phrases, "fast_forward", sixDigits(forward), phrases.out, "0", null, filled(phrases.without, objective));
}

/** Six digits, as a person types them. @type {(value: number) => string} */
function sixDigits(value) {
  return general(value).replaceAll("−", "-");
}

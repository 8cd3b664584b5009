// Refusals of fields that do not go together, in the sentences of ulpm_core/model/config.py, class_sizes.py and
// objective_refusals.py.

/** @import { Config } from "./config.js" */
/** @import { Refusal } from "./refusal.js" */
/** @import { Parameter } from "./types.d.ts" */
import { general } from "./number_words.js";
import { LONGEST_VALUE, refuse, shownValue, spanWords } from "./refusal.js";

const DIGEST_FORM = /^[0-9a-f]{64}$/;

/**
 * Refuses a config of which each field is sound, and two are not together; `decayH` is what was given for H.
 * @type {(config: Config, decayH: number, parameters: Record<string, Parameter>) => void}
 */
export function refuseTogether(config, decayH, parameters) {
  refuseCrowd(config, parameters.per_class.most ?? Infinity);
  if (config.initialisation === "etf-perturbed" && !config.simplexFits) {
    const why = `needs a simplex, and ${config.classes} classes do not fit one in dimension = ${config.dimension}`;
    throw refuse("initialisation", "etf-perturbed", why, `dimension ${config.classes - 1} or more, or initialisation gaussian`);
  }
  refuseBetween(decayH);
  refuseBoundsBesideDecay(config);
  if (!config.isUlpm) refuseBesideUlpm(config, parameters.loss);
  if (config.initial_digest && !DIGEST_FORM.test(config.initial_digest)) {
    const allowed = "64 hexadecimal digits, or leave it empty for a random start";
    throw refuse("initial_digest", config.initial_digest, "is not a digest", allowed);
  }
}

/** More numbers than a run may have. @type {(config: Config, most: number) => void} */
function refuseCrowd({ entries, classes, dimension, sizes }, most) {
  if (entries <= most) return;
  const fits = Math.max(1, Math.floor(most / (dimension * classes)) - 1);
  const why = `makes ${entries.toLocaleString("en")} numbers with classes = ${classes} and dimension = ${dimension}`;
  throw tooManySamples(sizes, why, fits);
}

/** The refusal of so many samples, where up to `fits` of each class would do. @type {(sizes: number[], why: string, fits: number) => Refusal} */
export function tooManySamples(sizes, why, fits) {
  if (Math.min(...sizes) === Math.max(...sizes)) return refuse("per_class", sizes[0], why, spanWords(1, fits), String(fits));
  const capped = sizes.map((size) => Math.min(size, fits)).join(",");
  const example = capped.length <= LONGEST_VALUE ? capped : `${fits} of each`;
  return refuse("class_sizes", shownValue(sizes.join(",")), why, `up to ${fits} of each class`, example);
}

/** A decay of H that is negative, but for the one that stands for that of W. @type {(decayH: number) => void} */
function refuseBetween(decayH) {
  if (decayH > -1 && decayH < 0) {
    throw refuse("weight_decay_h", sixDigits(decayH), "is out of range", "0 to 1e+06, or -1 for that of W", "0");
  }
}

/** Bounds beside weight decay: of both together no optimum is known. @type {(config: Config) => void} */
function refuseBoundsBesideDecay({ norm_bound_w: W, norm_bound_h: H, decays }) {
  for (const [name, bound] of Object.entries({ norm_bound_w: W, norm_bound_h: H })) {
    if (bound < Infinity && Math.max(...decays) > 0) {
      throw refuse(name, sixDigits(bound), "does not go with weight decay, which holds the norms already", "none");
    }
  }
}

/**
 * Beside another loss, weight decay or bounds, gradient flow, which is known of the model alone.
 * @type {(config: Config, loss: Parameter) => void}
 */
function refuseBesideUlpm(config, loss) {
  const beside = Math.max(...config.decays) > 0 ? "weight decay" : "norm bounds";
  const objective = config.loss === loss.default ? beside : `loss = ${config.loss}`;
  const follows = "follows cross-entropy without weight decay or bounds, the model whose limit lies at infinity";
  if (config.method === "gradient-flow") {
    throw refuse("method", config.method, follows, "steps", "gradient-descent", `with ${objective} use`);
  }
  if (config.fast_forward > 0) {
    throw refuse("fast_forward", sixDigits(config.fast_forward), follows, "0", null, `with ${objective} leave it out, or use`);
  }
}

/** Six digits, as a person types them. @type {(value: number) => string} */
function sixDigits(value) {
  return general(value).replaceAll("−", "-");
}

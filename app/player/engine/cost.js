// Foretells how long a run takes, and refuses one that takes too long, as `ulpm_core/dynamics/engines/cost.py` does.

/** @import { Config } from "./config.js" */
/** @import { Cost, Phrases } from "./types.d.ts" */
import { samplesThatFit, tooManySamples } from "./config_refusals.js";
import { filled } from "./film/said.js";
import { fixed } from "./number_words.js";
import { plainNumber, refuse, shownValue, spanWords } from "./refusal.js";

/** Seconds of a run, and of its steps alone, with at most so many samples of each class. @type {(config: Config, cost: Cost, most?: number) => { whole: number, steps: number }} */
function predictedSeconds(config, { pace, flow }, most = Infinity) {
  const { classes, dimension, method } = config;
  const samples = config.sizes.reduce((sum, size) => sum + Math.min(size, most), 0);
  const each = pace.step + classes * samples * (pace.logit + pace.product * dimension);
  const beside = flow.step + flow.entry * dimension * (classes + samples) + flow.cube * dimension ** 3;
  const steps = method === "gradient-flow" ? 0 : config.steps * each;
  return { whole: steps + (config.flows ? evaluationsOf(config, flow) * (each + beside) : 0), steps };
}

/** How many right-hand sides a flow takes, about. @type {(config: Config, flow: Cost["flow"]) => number} */
function evaluationsOf({ flowEnd, isUlpm, decays }, { evaluations, late, to_rest: toRest, most }) {
  if (!isUlpm) return Math.min(...decays) > 0 || Math.max(...decays) === 0 ? toRest : most; // one alone: no rest
  return evaluations + late * Math.sqrt(Math.max(0, flowEnd));
}

/**
 * @throws {Refusal} with the nearest setting that fits
 * @type {(config: Config, cost: Cost, phrases: Phrases) => void}
 */
export function refuseBeyond(config, cost, phrases) {
  const { classes, dimension, sizes } = config;
  const { whole, steps } = predictedSeconds(config, cost);
  if (whole <= cost.seconds) return;
  const why = filled(cost.words.why, { wait: longWait(whole, cost.words), classes, dimension, sizes: sizesWords(sizes), most: fixed(cost.seconds / 60, 0) });
  const [field, fits] = nearestFit(config, cost, whole, steps);
  if (fits < 1) {
    const most = samplesThatFit(sizes, (few) => predictedSeconds(config, cost, few).whole <= cost.seconds);
    throw tooManySamples(phrases, sizes, why, twoDigits(most));
  }
  const nearest = twoDigits(fits);
  throw refuse(phrases, field, plainNumber(config[field]), why, spanWords(phrases, 1, nearest), plainNumber(nearest));
}

/** A number rounded down to two digits. @type {(value: number) => number} */
function twoDigits(value) {
  const digit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.floor(value / digit) * digit;
}

/** What to make smaller, and how small. @type {(config: Config, cost: Cost, whole: number, steps: number) => ["steps" | "log_time" | "fast_forward", number]} */
function nearestFit(config, { seconds, flow }, whole, steps) {
  /** The log time to which a flow takes this share of its right-hand sides; 0 where it comes to rest. @type {(share: number) => number} */
  const logTime = (share) => config.isUlpm ? Math.max(0, (share * evaluationsOf(config, flow) - flow.evaluations) / flow.late) ** 2 : 0;
  if (config.method === "gradient-flow") return ["log_time", logTime(seconds / whole)];
  if (steps < seconds) return ["fast_forward", logTime((seconds - steps) / (whole - steps))];
  return ["steps", (config.steps * seconds) / whole];
}

/** The one size, or the sizes that differ, by the name of their parameter. @type {(sizes: number[]) => string} */
function sizesWords(sizes) {
  return new Set(sizes).size === 1 ? `per_class = ${sizes[0]}` : `class_sizes = ${shownValue(sizes.join(","))}`;
}

/** A wait that is too long; past two days nobody counts. @type {(seconds: number, words: Cost["words"]) => string} */
function longWait(seconds, { minutes, hours, days }) {
  if (seconds < 7200) return filled(minutes, { count: fixed(seconds / 60, 0) });
  return seconds < 48 * 3600 ? filled(hours, { count: fixed(seconds / 3600, 0) }) : days;
}

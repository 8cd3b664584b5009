// The sentences of a film, chosen from the run's own numbers as `ulpm_core/film/words.py` chooses them.

/** @import { Told } from "./told.js" */
import { fixed, grouped, numberWords, powerOfE } from "../number_words.js";
import { cited } from "./cited.js";
import { marginOfEntries } from "./curves.js";
import { towardsItsIdeal } from "./best.js";
import { whyNone } from "../analysis/target.js";
import { crawls, dimensionWords, momentOf } from "./told.js";
import { stepRule } from "../rules/known.js";
import { unevenWords } from "./uneven.js";

/** Below this the mean cosine is ideal up to the rounding of its own sums. */
const IDEAL_WITHIN = 1e-12;
/** (1 − γ) log t below which a flow has left the law 1/log t behind. */
const FASTER = 1e-3;
/** Largest 1 − γ at which the limit counts as in sight. */
const IN_SIGHT = 0.05;

/** Two or three sentences about a run, in which values of curves are marked. @type {(told: Told) => string[]} */
export function sentencesOf(told) {
  const { run, config, say, stopReason: reason, last } = told;
  if (run.outcome === "diverged") return [reason, say("diverged")];
  const early = run.outcome === "stalled" || run.outcome === "cancelled";
  const first = [...(early ? [reason] : []), separationWords(told)];
  const defined = Number.isFinite(told.analysis.metrics.nc2_angles[last]);
  if (defined && config.classes > 2) return [...first, anglesWords(told), paceWords(told)];
  const angles = say(defined ? "two-classes" : "origin");
  return config.isUlpm ? [...first, angles] : [...first, angles, towardsItsIdeal(told)];
}

/** @type {(told: Told) => string} */
function separationWords(told) {
  const { run, config, analysis: { error }, say, last } = told;
  const wrong = Math.round(error[last] * config.sampleCount);
  if (wrong) {
    const now = momentOf(told, last);
    return say(wrong === 1 ? "wrong-one" : "wrong", { now, wrong: grouped(wrong), all: grouped(config.sampleCount) });
  }
  const before = error.findLastIndex((share) => share > 0);
  if (before < 0) return say("right-from-start");
  const first = before + 1;
  if (config.method === "gradient-flow" || run.step[first] === run.step[before] + 1) {
    return say("right-at", { when: momentOf(told, first) });
  }
  return say("right-between", { before: grouped(run.step[before]), first: grouped(run.step[first]) });
}

/** @type {(told: Told) => string} */
function anglesWords(told) {
  const { config: { classes, dimension, class_sizes: sizes, simplexFits }, analysis, say, last } = told;
  if (sizes.length) return unevenWords(told);
  const cosines = analysis.metrics.nc2_angles[last];
  const others = classes - 1;
  const ideal = fixed(Math.acos(-1 / others) * 180 / Math.PI, 1);
  const gap = cited("nc2_angles", last, numberWords(cosines));
  if (!simplexFits) {
    const [low, high] = analysis.ending.nearest.map((angle) => fixed(angle, 0));
    const apart = low === high ? say("degrees", { angle: low }) : say("degrees-span", { low, high });
    return say("no-room", { dimensions: dimensionWords(say, dimension), classes, ideal, gap, others, apart });
  }
  if (cosines < IDEAL_WITHIN) return say("ideal-angles", { ideal });
  const whose = say(whyNone(told.config, told.objective) ? "of-a-simplex" : "of-the-ideal");
  return say("angles", { now: momentOf(told, last), off: numberWords(analysis.ending.gap), whose, ideal, gap, others });
}

/** Adds which margin the run's rule seeks where it is another one than that of gradient descent, once it has one. @type {(told: Told, words: string) => string} */
function ownMarginWords(told, words) {
  const share = stepRule(told.config).geometry === "entries" ? marginOfEntries(told, told.last) : 0;
  return share > 0 ? told.say("own-entries", { said: words, share: cited("gamma_entries", told.last, `${fixed(100 * share, 0)}%`) }) : words;
}

/** The sentence about the clock: what closes like 1/log t, and what does not (docs/theory.md 5.8). @type {(told: Told) => string} */
function paceWords(told) {
  const { run, config, analysis: { metrics }, table, say, last } = told;
  const { handOver } = run;
  const flow = config.method === "gradient-flow";
  const rule = flow ? say("flow") : table.words.rules[config.method];
  const end = powerOfE(run.logTime[last]);
  if (!config.isUlpm) return towardsItsIdeal(told);
  if (!crawls(config) && handOver === null) return ownMarginWords(told, say("keeps-moving", { rule, end }));
  if (handOver !== null) {
    const carried = { rule, steps: grouped(handOver.step), end, since: grouped(handOver.fromStep) };
    if (Number.isNaN(handOver.error)) return say("handed-over", carried);
    return say("handed-over-apart", { ...carried, apart: numberWords(handOver.error) });
  }
  const law = say(config.simplexIsIdeal ? "closes" : "settles", { rule });
  if (flow) {
    if (!config.simplexIsIdeal) return say("law-flow", { law });
    const short = 1 - metrics.gamma[last];
    const lacks = cited("gamma_gap", last, numberWords(short));
    if (short * run.logTime[last] < FASTER) return say("faster", { rule, lacks });
    return say(short < IN_SIGHT ? "in-sight" : "far-off", { law, lacks });
  }
  const ended = !config.simplexIsIdeal || metrics.nc2_angles[last] < IDEAL_WITHIN;
  return say(ended ? "law" : "law-squares", { law });
}

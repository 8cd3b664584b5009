// The sentence about classifiers of small and large classes in the film of a run whose class sizes differ.

/** @import { Threshold } from "../minority.js" */
/** @import { Say } from "./said.js" */
/** @import { Told } from "./told.js" */
import { thresholdOf } from "../minority.js";
import { numberWords } from "../number_words.js";
import { cited } from "./cited.js";

const PAIRS_OF_SIZES = ["minority_cosine", "majority_cosine", "cross_cosine"];

/** Where the cosines stand at the end, beside those of the best geometry where it is known. @type {(told: Told) => string} */
export function unevenWords({ config, objective, analysis: { metrics, ending: { best } }, say, last }) {
  const found = PAIRS_OF_SIZES.filter((name) => !Number.isNaN(metrics[name][last])).map((name) => {
    const cosine = cited(name, last, numberWords(metrics[name][last]));
    return name in best
      ? say("cosine-best", { cosine, best: numberWords(best[name]), whose: say(name) })
      : say("cosine", { cosine, whose: say(name) });
  });
  if (!found.length) return say("cosines-undefined");
  const cosines = say("cosines", { cosines: found.join(", ") });
  const known = config.simplexFits || Object.keys(best).length > 0;
  const words = known ? cosines : say("cosines-unknown", { cosines });
  return [words, fateWords(config.isUlpm ? null : thresholdOf(objective), say)].filter(Boolean).join(" ");
}

/** From where on the smallest classes merge or vanish at what is best. @type {(threshold: Threshold | null, say: Say) => string} */
function fateWords(threshold, say) {
  if (threshold === null || threshold.at === Infinity) return "";
  const { fate, quantity, here, at } = threshold;
  return say(`fate-${quantity}`, { fate: say(fate), at: numberWords(at), here: numberWords(here) });
}

// The sentence about classifiers of small and large classes in the film of a run whose class sizes differ.

/** @import { Told } from "./told.js" */
import { numberWords } from "../number_words.js";

const PAIRS_OF_SIZES = ["minority_cosine", "majority_cosine", "cross_cosine"];

/** Where the cosines stand at the end, beside those of the best geometry where it is known. @type {(told: Told) => string} */
export function unevenWords({ config, analysis: { metrics, ending: { best } }, say, last }) {
  const found = PAIRS_OF_SIZES.filter((name) => !Number.isNaN(metrics[name][last])).map((name) => {
    const cosine = numberWords(metrics[name][last]);
    return name in best
      ? say("cosine-best", { cosine, best: numberWords(best[name]), whose: say(name) })
      : say("cosine", { cosine, whose: say(name) });
  });
  if (!found.length) return say("cosines-undefined");
  const cosines = say("cosines", { cosines: found.join(", ") });
  return config.simplexFits ? cosines : say("cosines-unknown", { cosines });
}

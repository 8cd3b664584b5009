// Says what a run shows that is no preset, as app/views/words.py does.

/** @import { Config, PageTable } from "./types.d.ts" */
/** @import { Say } from "../player/engine/film/said.js" */
import { plainWords, sayingOf } from "../player/engine/film/said.js";
import { grouped, powerOfE } from "../player/engine/number_words.js";

/** How much room its classes have, how it moves, how long. @type {(run: Config, table: PageTable) => string} */
export function settingWords(run, { words }) {
  const { classes, dimension: d, class_sizes: sizes, method, simplexIsIdeal } = run;
  const say = sayingOf(words.setting);
  const count = (/** @type {number} */ number) => words.counts[number - 1] ?? String(number);
  const many = count(classes);
  const where = d === 1 ? say("dimension") : say("dimensions", { d: count(d) });
  const fits = simplexIsIdeal ? say(d === classes - 1 ? "just-room" : "more-room") : say("no-room");
  const room = sizes.length ? say("sizes", { sizes: sizes.slice(0, -1).join(", "), last: sizes[sizes.length - 1] }) : fits;
  const how = method === "gradient-flow" ? say("flow", { t: powerOfE(run.log_time) }) : stepsWords(run, words, say);
  return say("all", { classes: many.charAt(0).toUpperCase() + many.slice(1), where, room, how });
}

/** @type {(run: Config, words: PageTable["words"], say: Say) => string} */
function stepsWords(run, { kinds, losses }, say) {
  const { method, learning_rate: rate, fast_forward: flowEnd, loss } = run;
  const [w, h] = run.decays.map((decay) => plainWords(decay));
  const decay = Math.max(...run.decays) > 0 ? say(w === h ? "decay" : "decays", { w, h }) : "";
  const other = loss === "cross-entropy" ? "" : say("loss", { loss: losses[loss] });
  const forward = flowEnd ? say("forward", { t: powerOfE(flowEnd) }) : "";
  const objective = `${other}${decay}${boundWords(run, say)}`;
  return say("steps", { steps: grouped(run.steps), kind: kinds[method], rate: plainWords(rate), objective, forward });
}

/** @type {(run: Config, say: Say) => string} */
function boundWords({ bounds, feature_norm: radius }, say) {
  if (radius < Infinity) return say("lengths", { radius: plainWords(radius) });
  const [w, h] = bounds.map((bound, i) => (bound < Infinity ? say("wh"[i], { bound: plainWords(bound) }) : ""));
  return w || h ? say("held", { bounds: w && h ? say("both", { w, h }) : w || h }) : "";
}

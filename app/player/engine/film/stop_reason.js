// Says why a run ended, in one sentence, as `ulpm_core/dynamics/stop_reason.py`.

/** @import { Objective } from "../objective.js" */
/** @import { Trajectory } from "../types.d.ts" */
/** @import { FilmWords } from "./table.d.ts" */
import { grouped, powerOfE } from "../number_words.js";
import { filled, plainWords } from "./said.js";

/**
 * Where a run is, in words: of its steps, or of a flow's time.
 * @type {(at: { flowing: boolean, step: number, steps: number, logTime: number }, templates: Record<string, string>) => string}
 */
export function whereWords({ flowing, step, steps, logTime }, templates) {
  return filled(templates[flowing ? "flow" : "steps"], { step: grouped(step), steps: grouped(steps), t: powerOfE(logTime) });
}

/** @type {(run: Trajectory, objective: Objective, words: FilmWords) => string} */
export function stopReason(run, objective, words) {
  const { config, outcome, flowing, at: step } = run;
  const where = whereWords({ flowing, step, steps: config.steps, logTime: run.logTime[run.logTime.length - 1] }, words.where);
  const steps = grouped(config.steps);
  if (outcome === "diverged") {
    return filled(words.stopped.diverged, { step: grouped(step), reason: divergenceReason(run, objective, words) });
  }
  if (outcome === "stalled" && !config.isUlpm) {
    return [filled(words.stopped["stalled-stiff"], { where }), optimumNote(objective, words)].filter(Boolean).join(" ");
  }
  if (outcome !== "done") return filled(words.stopped[outcome], { where });
  const bySteps = flowing ? "done-fast-forward" : "done";
  const done = filled(words.stopped[config.method === "gradient-flow" ? "done-flow" : bySteps], { steps, where });
  return [done, restWords(run, words), optimumNote(objective, words)].filter(Boolean).join(" ");
}

/** Since when a flow has been at rest, if it is. @type {(run: Trajectory, words: FilmWords) => string} */
function restWords({ rest }, { stopped }) {
  if (rest === null) return "";
  return filled(stopped[rest > -Infinity ? "at-rest" : "at-rest-from-the-start"], { t: powerOfE(rest) });
}

/** @type {(run: Trajectory, objective: Objective, words: FilmWords) => string} */
function divergenceReason({ config, start }, objective, words) {
  const rate = config.learning_rate;
  const limit = objective.stabilityLimit(config, start);
  const name = limit === Infinity ? "overlong" : rate > limit ? "above" : "below";
  return filled(words.divergence[name], { rate: plainWords(rate), limit: plainWords(limit, 2) });
}

/** What must be said of the optimum, in a sentence, or nothing. @type {(objective: Objective, words: FilmWords) => string} */
export function optimumNote(objective, words) {
  const { constraint, loss, regulariser } = objective;
  if (constraint && !constraint.bounded && !loss.attained) return words.notes["one-bounded"];
  if (!regulariser) return "";
  if (!objective.sought) return words.notes.decoupled;
  if (!regulariser.coercive) return words.notes["one-decayed"];
  const { state } = objective.ideal;
  return state && !state.W.some((entry) => entry !== 0) ? words.notes["nothing-left"] : "";
}

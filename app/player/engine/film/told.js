// What the words of a film are told from: the run, its analysis, and the table of templates.

/** @import { Config } from "../config.js" */
/** @import { Objective } from "../objective.js" */
/** @import { AnalysisOfRun, Trajectory } from "../types.d.ts" */
/** @import { FilmTable } from "./table.d.ts" */
/** @import { Say } from "./said.js" */
import { grouped, powerOfE } from "../number_words.js";
import { sayingOf } from "./said.js";
import { stopReason } from "./stop_reason.js";

/**
 * @typedef {object} Told
 * @property {Trajectory} run
 * @property {Config} config
 * @property {Objective} objective
 * @property {AnalysisOfRun} analysis
 * @property {FilmTable} table
 * @property {Say} say
 * @property {Float64Array} value all that is minimised, of each snapshot
 * @property {number} last the last snapshot
 * @property {string} stopReason why the run ended, in a sentence
 */

/** @type {(run: Trajectory, objective: Objective, analysis: AnalysisOfRun, table: FilmTable) => Told} */
export function toldOf(run, objective, analysis, table) {
  const value = Float64Array.from(run.states, (state, i) => objective.value(state, run.logLoss[i]));
  const say = sayingOf(table.words.said);
  const reason = stopReason(run, objective, table.words);
  return { run, config: run.config, objective, analysis, table, say, value, last: run.states.length - 1, stopReason: reason };
}

/** The moment of a snapshot as people read it: a step, or the time of a flow. @type {(told: Told, snapshot: number) => string} */
export function momentOf({ run, config, say }, snapshot) {
  const byStep = config.method !== "gradient-flow" && (run.handOver === null || snapshot <= run.handOver.frame);
  return byStep ? say("step", { step: grouped(run.step[snapshot]) }) : say("time", { t: powerOfE(run.logTime[snapshot]) });
}

/** A number of dimensions in words. @type {(say: Say, d: number) => string} */
export function dimensionWords(say, d) {
  return say(d === 1 ? "dimension" : "dimensions", { d });
}

/** Whether a step takes the same time everywhere, so that a run slows down as its gradient shrinks. @type {(config: Config) => boolean} */
export function crawls(config) {
  return config.method === "gradient-flow" || !Number.isNaN(config.stepTime);
}

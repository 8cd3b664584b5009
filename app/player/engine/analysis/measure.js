// Measures the snapshots of a run, none twice: a run that grows is looked at often (`ulpm_core/analysis/measure.py`).

/** @import { Trajectory } from "../types.d.ts" */
/** @import { Collapse } from "./collapse.js" */
/** @import { StageFigures } from "./figures.d.ts" */
import { collapseOf, leastNormProduct } from "./collapse.js";

/** What was measured of a snapshot, and by what a later look at the run knows it again. @typedef {Collapse & { W: Float64Array, step: number, logTime: number }} Measured */

/** The measurements of all snapshots, with a pause after each; those that are `known` are not measured again. @type {(run: Pick<Trajectory, "config" | "states" | "step" | "logTime">, known: Measured[], figures: StageFigures) => Generator<void, Measured[], void>} */
export function* measuring({ config, states, step, logTime }, known, figures) {
  const before = new Map(known.map((seen) => [`${seen.step} ${seen.logTime}`, seen]));
  const { sizes, dimension } = config;
  const least = leastNormProduct(sizes);
  /** @type {Measured[]} */
  const all = [];
  for (const [t, state] of states.entries()) {
    const seen = before.get(`${step[t]} ${logTime[t]}`);
    if (seen && sameEntries(seen.W, state.W)) all.push(seen);
    else {
      all.push({ ...collapseOf(state, sizes, dimension, least, figures), W: state.W, step: step[t], logTime: logTime[t] });
      yield;
    }
  }
  return all;
}

/** @type {(one: Float64Array, other: Float64Array) => boolean} */
function sameEntries(one, other) {
  return one === other || (one.length === other.length && one.every((x, i) => x === other[i]));
}

/** Every metric of all snapshots by its name. @type {(seen: Measured[]) => Record<string, Float64Array>} */
export function metricsOf(seen) {
  const names = Object.keys(seen[0].metrics);
  return Object.fromEntries(names.map((name) => [name, Float64Array.from(seen, ({ metrics }) => metrics[name])]));
}

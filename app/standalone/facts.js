// Says which knobs play a part in a run, and which values give way to others, as app/page/facts.py and runs.py do.

/** @import { Fields, PageTable } from "./types.d.ts" */
import { Config } from "../player/engine/config.js";
import { defaultOf } from "../player/engine/parameter.js";
import { stepRule } from "../player/engine/rules/known.js";

const FLOW = "gradient-flow";

/** @type {Record<string, (run: Config) => boolean>} */
const FACTS = {
  steps: ({ method }) => method !== FLOW,
  flow: ({ method }) => method === FLOW,
  flows: ({ flows }) => flows,
  "never-flows": ({ flows }) => !flows,
  momentum: (run) => Object.hasOwn(stepRule(run).numbers ?? {}, "momentum"),
  ulpm: ({ isUlpm }) => isUlpm,
  "one-size": ({ class_sizes: sizes }) => sizes.length === 0,
  "no-decay": ({ decays }) => Math.max(...decays) === 0,
  "no-bound": ({ bounds }) => Math.min(...bounds) === Infinity,
};

/** Whether all of these facts hold of a run. @type {(needs: string[], run: Config) => boolean} */
export function holdsOf(needs, run) {
  return needs.every((name) => FACTS[name](run));
}

/**
 * Values of which another objective gives way to a flow, and sizes that differ to a number of classes, or of samples.
 * @type {(values: Fields, table: PageTable) => Fields}
 */
export function settledValues(values, { parameters, other_objectives: others }) {
  const settled = { ...values };
  const sizes = /** @type {number[]} */ (values.class_sizes);
  if (sizes.length && (values.classes !== sizes.length || values.per_class !== Math.min(...sizes))) settled.class_sizes = [];
  if (values.method === FLOW || Number(values.fast_forward) > 0) {
    for (const name of others) settled[name] = defaultOf(parameters.known[name]);
  }
  return settled;
}

/** The default of every parameter. @type {(table: PageTable) => Fields} */
export function defaultsOf({ parameters }) {
  return Object.fromEntries(Object.values(parameters.known).map((row) => [row.name, defaultOf(row)]));
}

/**
 * A run with some knobs turned.
 * @throws {import("../player/engine/refusal.js").Refusal} where the page cannot show that
 * @type {(run: Config, values: Fields, table: PageTable) => Config}
 */
export function turnedTo(run, values, table) {
  return Config.from(settledValues({ ...run, ...values }, table), table.parameters);
}

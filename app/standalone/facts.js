// Says which knobs play a part in a run, and which values give way to others, as app/page/facts.py and runs.py do.

/** @import { Fields, PageTable } from "./types.d.ts" */
import { COUPLED, Config, decayMatters } from "../player/engine/config.js";
import { SMOOTHED } from "../player/engine/config_refusals.js";
import { refuseBeyond } from "../player/engine/cost.js";
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
  smoothed: ({ loss }) => loss === SMOOTHED,
  adam: (run) => Object.hasOwn(stepRule(run).numbers ?? {}, "beta2"),
  "decays-apart": decayMatters,
  coupled: ({ decay }) => decay === COUPLED,
  "one-size": ({ class_sizes: sizes }) => sizes.length === 0,
  "sizes-differ": ({ class_sizes: sizes }) => sizes.length > 0,
  "two-sizes": ({ sizes }) => new Set(sizes).size < 3 && [...sizes].every((size, k) => k === 0 || size <= sizes[k - 1]), // large ones first
  decayed: ({ decays }) => Math.max(...decays) > 0,
  bounded: ({ bounds }) => Math.min(...bounds) < Infinity,
  normed: ({ feature_norm: norm }) => norm < Infinity,
  "no-decay": ({ decays }) => Math.max(...decays) === 0,
  "no-bound": ({ bounds }) => Math.min(...bounds) === Infinity,
  scaled: ({ feature_norm: norm, initialisation: start, initial_scale: scale }) => norm === Infinity || start === "etf-perturbed" || scale === 0,
  random: ({ initial_scale: scale }) => scale > 0,
  "free-lengths": ({ feature_norm: norm }) => norm === Infinity,
};

/** Whether all of these facts hold of a run. @type {(needs: string[], run: Config) => boolean} */
export function holdsOf(needs, run) {
  return needs.every((name) => FACTS[name](run));
}

/**
 * Values of which what is no gradient gives way to a flow, a smoothing to a loss that has none, and sizes that differ to
 * a number of classes, or of samples.
 * @type {(values: Fields, table: PageTable) => Fields}
 */
export function settledValues(values, { parameters, beside_a_gradient: beside }) {
  const settled = { ...values };
  const sizes = /** @type {number[]} */ (values.class_sizes);
  if (sizes.length && (values.classes !== sizes.length || values.per_class !== Math.min(...sizes))) settled.class_sizes = [];
  if (values.loss !== SMOOTHED) settled.smoothing = defaultOf(parameters.known.smoothing);
  if (values.method === FLOW || Number(values.fast_forward) > 0) {
    for (const name of beside) settled[name] = defaultOf(parameters.known[name]);
  }
  return settled;
}

/** The default of every parameter. @type {(table: PageTable) => Fields} */
export function defaultsOf({ parameters }) {
  return Object.fromEntries(Object.values(parameters.known).map((row) => [row.name, defaultOf(row)]));
}

/**
 * A run that the page can show, and for which a person can wait.
 * @throws {import("../player/engine/refusal.js").Refusal}
 * @type {(values: Fields, table: PageTable) => Config}
 */
export function shownRun(values, { parameters, cost }) {
  const config = Config.from(values, parameters);
  refuseBeyond(config, cost, parameters.refusals);
  return config;
}

/**
 * A run with some knobs turned.
 * @throws {import("../player/engine/refusal.js").Refusal} where the page cannot show that
 * @type {(run: Config, values: Fields, table: PageTable) => Config}
 */
export function turnedTo(run, values, table) {
  return shownRun(settledValues({ ...run, ...values }, table), table);
}

/** The run of a film, by the config in its header. @type {(config: Record<string, unknown> | null | undefined, table: PageTable) => Config} */
export function runOfHeader(config, { parameters }) {
  const known = Object.entries(config ?? {}).filter(([name]) => Object.hasOwn(parameters.known, name));
  return Config.from(Object.fromEntries(known), parameters);
}

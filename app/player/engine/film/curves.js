// The curves beside the stage: which a run has, in which panels they stand, and what is said of them; as
// `ulpm_core/film/curves.py`.

/** @import { Config } from "../config.js" */
/** @import { FilmTable, KnownCurve } from "./table.d.ts" */
/** @import { Told } from "./told.js" */
import { whyNone } from "../analysis/target.js";
import { general, numberWords } from "../number_words.js";
import { filled } from "./said.js";
import { largestEntry } from "../ideal.js";
import { stepRule } from "../rules/known.js";

/** Curves that are no metric, but follow from a run: each gives its value at a snapshot. @type {Record<string, (told: Told, t: number) => number>} */
const FOLLOW = {
  loss: ({ run }, t) => Math.exp(run.logLoss[t]),
  value: ({ value }, t) => value[t],
  minus_log_loss: ({ run }, t) => -run.logLoss[t],
  norm_h: ({ run }, t) => lengthOf(run.states[t].H),
  norm_w: ({ run }, t) => lengthOf(run.states[t].W),
  gamma_gap: ({ analysis }, t) => 1 - analysis.metrics.gamma[t],
  gamma_entries: marginOfEntries,
};

/**
 * The smallest margin over its bound for entries of this size (`ulpm_core/analysis/own_margins.py`).
 * @type {(told: Told, t: number) => number}
 */
export function marginOfEntries({ run, config: { classes: K, dimension }, analysis: { metrics } }, t) {
  const most = dimension * (K % 2 === 0 ? K / (K - 1) : (K + 1) / K);
  const norms = largestEntry(run.states[t].W) * largestEntry(run.states[t].H);
  return norms > 0 ? metrics.q_min[t] / most / norms : NaN;
}

/** The Frobenius norm. @type {(entries: Float64Array) => number} */
function lengthOf(entries) {
  let sum = 0;
  for (let i = 0; i < entries.length; i += 1) sum += entries[i] * entries[i]; // an iterator takes ten times as long
  return Math.sqrt(sum);
}

/**
 * The panels of a run in order, and the curves that its film holds, each with its definition for this run. Where a flow
 * has a part the loss is shown by its logarithm; certificates are not measured here, so their panels are left out.
 * @type {(told: Told) => { panels: { set: string, title: string, curves: string[] }[], curves: KnownCurve[] }}
 */
export function laidOut({ config, objective, analysis, table }) {
  const { known: rows, loss, flow_loss: flowLoss, norms, held_norms: heldNorms, flow_sets: flowSets } = table.panels;
  const beside = ["", "runs", stepRule(config).geometry, ...(objective.regulariser ? ["regularised"] : [])];
  const known = table.curves.known.filter((curve) => beside.includes(curve.beside) && (curve.name in FOLLOW || curve.name in analysis.metrics));
  const sets = ["run", ...(config.endless ? flowSets : [])];
  const leftOut = config.endless ? loss : flowLoss, fits = config.simplexIsIdeal && !whyNone(config, objective);
  const panels = rows.flatMap(({ set, title, no_ideal: noIdeal }, i) => {
    const names = known.filter((curve) => curve.panels.includes(i)).map(({ name }) => name);
    if (i === leftOut || !sets.includes(set) || !names.length) return [];
    const shown = i === norms && !config.isUlpm ? heldNorms : fits ? title : noIdeal || title;
    return [{ set, title: shown, curves: names }];
  });
  const held = new Set([...panels.flatMap(({ curves }) => curves), ...table.curves.always]);
  const of = new Map(known.map((curve) => [curve.name, curve]));
  const curves = [...held].flatMap((name) => of.get(name) ?? []);
  return { panels, curves: curves.map((curve) => ({ ...curve, definition: definitionFor(config, curve, table) })) };
}

/** @type {(config: Config, curve: KnownCurve, table: FilmTable) => string} */
function definitionFor(config, { name, definition, angles }, { words, curves: { definitions } }) {
  const { classes, dimension: d } = config;
  if (name === "loss") return words.losses[config.loss];
  if (config.class_sizes.length) {
    if (name === "gamma") return definitions["gamma-uneven"];
    return /^nc[23]/.test(name) ? filled(definitions.uneven, { definition }) : definition;
  }
  if (config.simplexFits || !angles) return definition;
  return filled(definitions[d === 1 ? "no-room-one" : "no-room"], { definition, classes, d });
}

/** A curve's values at the frames of a film. @type {(told: Told, name: string) => Float64Array} */
export function valuesOf(told, name) {
  const { metrics, stage: { frames } } = told.analysis;
  return Float64Array.from(frames, (t) => (name in FOLLOW ? FOLLOW[name](told, t) : metrics[name][t]));
}

/** The dashed lines of a run's laws. @type {(told: Told) => object[]} */
export function lawGuides({ config, analysis: { laws }, table: { curves: { guides } } }) {
  return laws.map(({ curve, slope, frames, values, rate = 0 }) => ({
    curve,
    label: filled(guides[rate ? "rate" : config.flows ? "flow" : "steps"], { slope: general(slope), rate: numberWords(rate) }),
    x_frames: [...frames],
    y: [...values],
  }));
}

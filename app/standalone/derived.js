// What derived knobs read off a run, and the values that turning them sets, as app/page/derived.py.

/** @import { Config, DerivedRow, Fields, PageTable } from "./types.d.ts" */
import { defaultOf } from "../player/engine/parameter.js";
import { Refusal } from "../player/engine/refusal.js";
import { general } from "../player/engine/number_words.js";
import { turnedTo } from "./facts.js";

const CROSS_ENTROPY_LOSS = "cross-entropy";
/** From here on a rung is written with commas. */
const WITH_COMMAS_FROM = 1000;

/** Two sizes of classes: how many are large, the samples of a small one, and how many times as many a large one has. @typedef {{ majority: number, few: number, ratio: number }} Imbalance */

/** What a run minimises, by name. @type {(run: Config) => string} */
export function ruleOf({ loss, decays, bounds, feature_norm: norm }) {
  if (loss !== CROSS_ENTROPY_LOSS) return loss;
  if (Math.max(...decays) > 0) return "weight-decay";
  if (Math.min(...bounds) < Infinity) return "norm-bound";
  return norm < Infinity ? "feature-norm" : "ulpm";
}

/** @type {(run: Config) => Imbalance} */
function imbalanceIn({ sizes, classes }) {
  const [few, many] = [Math.min(...sizes), Math.max(...sizes)];
  const majority = few < many ? [...sizes].filter((size) => size === many).length : Math.floor(classes / 2);
  return { majority, few, ratio: many / few };
}

/** A half goes to the even number, as Python rounds. @type {(x: number) => number} */
function roundedAsPython(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}

/** The values that give so many classes these sizes. @type {(wanted: Imbalance, classes: number, largest: number) => Fields} */
function sizesOf({ majority, few: wanted, ratio }, classes, largest) {
  const few = Math.min(wanted, Math.max(1, Math.floor(largest / ratio)));
  const many = Math.min(largest, roundedAsPython(few * ratio));
  const sizes = Array.from({ length: classes }, (_, k) => (k < majority ? many : few));
  return { class_sizes: many > few ? sizes : [], classes, per_class: few };
}

/** The value of a derived knob in a run. @type {(name: string, run: Config) => string} */
export function derivedValue(name, run) {
  if (name === "rule") return ruleOf(run);
  const { majority, few, ratio } = imbalanceIn(run);
  if (name === "majority") return String(majority);
  return name === "ratio" ? rungText(ratio) : String(few);
}

/** The values that turning a derived knob sets. @type {(name: string, text: string, run: Config, table: PageTable) => Fields} */
export function derivedValues(name, text, run, table) {
  if (name !== "rule") {
    const changed = { [name === "minority_size" ? "few" : name]: Number(text) };
    return sizesOf({ ...imbalanceIn(run), ...changed }, run.classes, table.largest_size);
  }
  const { sets, room } = table.rules[text];
  const values = { ...sets, ...(room ? { dimension: Math.max(run.dimension, run.classes) } : {}) };
  return taken(run, values, text, table) ? values : { ...values, ...defaultsFor(table.falls_back, table) };
}

/** Whether a run takes a rule: one that follows a flow may not. @type {(run: Config, values: Fields, rule: string, table: PageTable) => boolean} */
function taken(run, values, rule, table) {
  try {
    return ruleOf(turnedTo(run, values, table)) === rule;
  } catch (error) {
    if (error instanceof Refusal) return true; // it is said where the values are turned
    throw error;
  }
}

/** @type {(names: string[], table: PageTable) => Fields} */
function defaultsFor(names, { parameters }) {
  return Object.fromEntries(names.map((name) => [name, defaultOf(parameters.known[name])]));
}

/** The values that a derived knob offers for a run, the one at which it stands among them. @type {(row: DerivedRow, run: Config, here: string) => [string, string][]} */
export function derivedOptions({ kind, options }, run, here) {
  const known = options ?? Array.from({ length: run.classes - 1 }, (_, i) => /** @type {[string, string]} */ ([String(i + 1), String(i + 1)]));
  if (kind === "choice" || known.some(([value]) => Number(value) === Number(here))) {
    return known.map(([value, words]) => (kind === "ladder" && Number(value) === Number(here) ? [here, words] : [value, words]));
  }
  const size = Number(here);
  const words = size >= WITH_COMMAS_FROM ? size.toLocaleString("en", { maximumSignificantDigits: 10 }) : general(size);
  return [...known, /** @type {[string, string]} */ ([here, words])].sort(([a], [b]) => Number(a) - Number(b));
}

/** @type {(ratio: number) => string} */
function rungText(ratio) {
  return Number.isInteger(ratio) ? `${ratio}.0` : String(ratio);
}

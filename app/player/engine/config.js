// `Config`: everything that decides a run, checked once, as ulpm_core/model/config.py checks it.

/** @import { Fields, Parameter, Parameters, Phrases, RunFields } from "./types.d.ts" */
/** @import { Value } from "./parameter.js" */
/** @import { Refusal } from "./refusal.js" */
import { closestName } from "./close_name.js";
import { refuseTogether } from "./config_refusals.js";
import { filled } from "./film/said.js";
import { defaultOf, valueOf } from "./parameter.js";
import { amongWords, refuse, shownValue, unfit } from "./refusal.js";
import { stepRule } from "./rules/known.js";

/** What a run is called in JSON. */
const KIND_OF_CONFIG = "run";
/** A weight decay of H that is the same as that of W. */
export const AS_FOR_W = -1;
export const COUPLED = "coupled";
/** The parameters of one rule that stand at their defaults beside all others. @type {("beta2" | "epsilon")[]} */
const OF_ONE_RULE = ["beta2", "epsilon"];

/** Holds the fields of a run, each by its name. @this {object} @param {RunFields} fields */
function HoldsFields(fields) {
  Object.assign(this, fields);
}
const FieldsOfRun = /** @type {new (fields: RunFields) => Readonly<RunFields>} */ (/** @type {unknown} */ (HoldsFields));

/**
 * Everything that decides a run; frozen. Its fields are named as in links; what follows from them is below.
 * K = classes, d = dimension, N = sum of `sizes`; W is (K, d), H is (d, N).
 */
export class Config extends FieldsOfRun {
  #parameters;
  #sizes;
  /** Made once it is asked for. @type {Int32Array | null} */
  #labels = null;

  /**
   * @param {RunFields} fields that go together
   * @param {Parameters} parameters
   */
  constructor(fields, parameters) {
    super(fields);
    this.#parameters = parameters;
    this.#sizes = this.class_sizes.length ? this.class_sizes : Array.from({ length: this.classes }, () => this.per_class);
    Object.freeze(this);
  }

  /**
   * A config from names and values, text or not; what is missing is at its default.
   * @throws {Refusal}
   * @type {(fields: Fields, parameters: Parameters) => Config}
   */
  static from(fields, parameters) {
    const { refusals } = parameters;
    const rows = Object.values(parameters.known);
    /** @type {Map<string, Value>} */
    const given = new Map();
    for (const [name, value] of namesAndValues(fields, parameters)) {
      if (name === "kind") refuseOtherKind(value, refusals);
      else given.set(name, fieldOf(name, value, parameters));
    }
    const all = rows.map((row) => [row.name, given.get(row.name) ?? defaultOf(row)]);
    const settled = settledSizes({ initial_digest: given.get("initial_digest") ?? "", ...Object.fromEntries(all) }, given, refusals);
    for (const row of rows) refuseElsewhere(row, settled[/** @type {keyof RunFields} */ (row.name)], refusals);
    if (settled.method === "gradient-flow") settled.fast_forward = 0; // it is the flow already: equal runs, equal digests
    const idle = idleFields(settled).map((name) => [name, defaultOf(parameters.known[name])]);
    const config = new Config({ ...settled, weight_decay_h: settledDecay(settled), ...Object.fromEntries(idle) }, parameters);
    refuseTogether(config, settled.weight_decay_h, parameters);
    return config;
  }

  /** The same with some fields changed; new class sizes replace `classes` and `per_class`. @type {(changes: Fields) => Config} */
  with(changes) {
    const { known: { class_sizes: row }, refusals } = this.#parameters;
    const sizes = /** @type {number[]} */ (valueOf(row, changes.class_sizes ?? row.default, refusals));
    const counts = sizes.length ? { classes: sizes.length, per_class: Math.min(...sizes) } : {};
    const fields = /** @type {Fields} */ ({ ...this });
    return Config.from({ ...fields, ...counts, ...changes }, this.#parameters);
  }

  /** n_k, the number of samples of each of the K classes. */
  get sizes() {
    return this.#sizes;
  }

  /** N, the number of samples. */
  get sampleCount() {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** d (K + N), the entries of W and H together. */
  get entries() {
    return this.dimension * (this.classes + this.sampleCount);
  }

  /** The class of each sample, grouped: all of class 0 first. */
  get labels() {
    this.#labels ??= Int32Array.from(this.sizes.flatMap((size, k) => Array.from({ length: size }, () => k)));
    return this.#labels;
  }

  /** The factors of ||W||^2/2 and ||H||^2/2 that are minimised beside the loss. @type {[number, number]} */
  get decays() {
    return [this.weight_decay, this.weight_decay_h === AS_FOR_W ? this.weight_decay : this.weight_decay_h];
  }

  /**
   * The decays whose value is at rest where the run is; null where decoupled decay leads elsewhere.
   * @type {[number, number] | null}
   */
  get decaysAtRest() {
    if (this.decay === COUPLED) return this.decays;
    const [w, h] = this.decays.map((decay) => stepRule(this).decayAtRest(decay));
    return w === null || h === null ? null : [w, h];
  }

  /** The bounds of the mean squared norms of classifiers and features; infinity for none. @type {[number, number]} */
  get bounds() {
    return [this.norm_bound_w, this.norm_bound_h];
  }

  /** Whether norms are kept within bounds, or at one length each. */
  get isHeld() {
    return Math.min(...this.bounds, this.feature_norm) < Infinity;
  }

  /** Whether this is the model itself: cross-entropy, nothing beside it, norms free. */
  get isUlpm() {
    return Math.max(...this.decays) === 0 && !this.isHeld && this.loss === this.#parameters.known.loss.default;
  }

  /** Gradient-flow time of one step; NaN where that depends on the gradient, and for the flow, which has none. */
  get stepTime() {
    return this.method === "gradient-flow" ? NaN : stepRule(this).stepTime(this.learning_rate);
  }

  /** log t at which gradient flow ends, or -Infinity where none runs. */
  get flowEnd() {
    if (this.method === "gradient-flow") return this.log_time;
    return this.fast_forward > 0 ? this.fast_forward : -Infinity;
  }

  /** Whether gradient flow has a part in this run. */
  get flows() {
    return this.flowEnd > -Infinity;
  }

  /** Whether gradient flow follows the model towards its limit at infinity; other objectives let it rest. */
  get endless() {
    return this.flows && this.isUlpm;
  }

  /** Whether a simplex ETF of K classes exists in d dimensions: d >= K - 1 (docs/theory.md 1.3). */
  get simplexFits() {
    return this.dimension >= this.classes - 1;
  }

  /** Whether the run's best geometry is the simplex ETF: it fits, and the classes have one size. */
  get simplexIsIdeal() {
    return this.simplexFits && !this.class_sizes.length;
  }

  /** The fields in the order of their names, without those at their defaults: the same run, the same object. @type {() => Fields} */
  toJSON() {
    const rows = Object.values(this.#parameters.known).map((row) => ({ name: row.name, idle: defaultOf(row) }));
    const named = [...rows, { name: "initial_digest", idle: "" }].sort((one, other) => (one.name < other.name ? -1 : 1));
    const said = named.map(({ name, idle }) => ({ name, idle, value: this[/** @type {keyof RunFields} */ (name)] }));
    return Object.fromEntries(said.filter(({ idle, value }) => String(idle) !== String(value)).map(({ name, value }) => [name, value]));
  }

  /** Tells this run from every other one. */
  get digest() {
    return JSON.stringify(this);
  }
}

/** Names and values of what should be the fields of a config. @throws {Refusal} @type {(fields: unknown, parameters: Parameters) => [string, unknown][]} */
export function namesAndValues(fields, { refusals, example }) {
  if (typeof fields === "object" && fields !== null && !Array.isArray(fields)) return Object.entries(fields);
  const [what, like] = [filled(refusals.object, { given: shownValue(fields) }), filled(refusals.like, { example })];
  throw unfit(refusals, "config", what, like);
}

/** @type {(kind: unknown, phrases: Phrases) => void} */
function refuseOtherKind(kind, phrases) {
  if (kind !== KIND_OF_CONFIG) {
    throw refuse(phrases, "kind", kind, phrases.kind, `"${KIND_OF_CONFIG}"`, null, phrases["leave-out"]);
  }
}

/** A field's value; a mistyped name is refused. @type {(name: string, value: unknown, parameters: Parameters) => Value} */
function fieldOf(name, value, { known, refusals }) {
  if (Object.hasOwn(known, name)) return valueOf(known[name], value, refusals);
  if (name === "initial_digest") return String(value);
  const [fields, said] = [[...Object.keys(known), "initial_digest"], shownValue(name)];
  const use = filled(refusals.known, { names: amongWords(refusals, [...fields].sort()) });
  throw unfit(refusals, said, filled(refusals.unknown, { name: said }), use, closestName(name, fields));
}

/**
 * Equal sizes become `classes` and `per_class`: equal runs, equal digests. What is given beside sizes and contradicts
 * them is refused.
 * @type {(fields: RunFields, given: Map<string, Value>, phrases: Phrases) => RunFields}
 */
function settledSizes(fields, given, phrases) {
  const sizes = fields.class_sizes;
  if (!sizes.length) return fields;
  const held = { classes: sizes.length, per_class: Math.min(...sizes) };
  for (const [name, value] of Object.entries(held)) {
    if (given.has(name) && given.get(name) !== value) {
      const why = filled(phrases.contradicts, { sizes: shownValue(sizes.join(",")) });
      throw refuse(phrases, name, given.get(name), why, String(value), null, phrases["leave-out"]);
    }
  }
  return { ...fields, ...held, class_sizes: Math.min(...sizes) === Math.max(...sizes) ? [] : sizes };
}

/** @type {(fields: RunFields) => number} */
function settledDecay({ weight_decay: W, weight_decay_h: H }) {
  return H === W ? AS_FOR_W : H;
}

/** Parameters that have no part in a run: they stand at their defaults, equal runs, equal digests. @type {(fields: RunFields) => (keyof RunFields)[]} */
function idleFields(fields) {
  const numbers = stepRule(fields).numbers ?? {};
  const idle = OF_ONE_RULE.filter((name) => !Object.hasOwn(numbers, name));
  return decayMatters(fields) ? idle : [...idle, "decay"];
}

/** Whether coupled and decoupled decay differ: there is decay, and of gradient descent both are one formula. @type {(fields: Readonly<RunFields>) => boolean} */
export function decayMatters(fields) {
  const plain = stepRule({ ...fields, method: "gradient-descent" });
  return (fields.weight_decay > 0 || fields.weight_decay_h > 0) && stepRule(fields) !== plain;
}

/** Refuses a choice that only the full lab has. @type {(row: Parameter, value: Value, phrases: Phrases) => void} */
function refuseElsewhere(row, value, phrases) {
  if (row.here.includes(String(value)) || !row.choices.length) return;
  throw refuse(phrases, row.name, value, phrases.elsewhere, amongWords(phrases, row.here), String(row.default));
}

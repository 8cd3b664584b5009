// Reads the part of an address after #, and writes it. A link is hostile until every value in it has been checked.

/** @import { Config, Fields, LabState, PageTable, Reading } from "./types.d.ts" */
import { filled } from "../player/engine/film/said.js";
import { valueOf } from "../player/engine/parameter.js";
import { amongWords, Refusal, refuse, shownValue, spanWords } from "../player/engine/refusal.js";
import { defaultsOf, settledValues, shownRun } from "./facts.js";
import { readLook } from "./look_of_link.js";

/**
 * The state that a link asks for; each part that is refused is left at its default, with a sentence that says so.
 * @type {(text: string, table: PageTable) => Reading}
 */
export function readLink(text, table) {
  const { link: { why, keys, a_link: aLink }, parameters: { known: parameters, refusals: phrases } } = table;
  const given = new URLSearchParams(text.replace(/^#/, ""));
  /** @type {string[]} */
  const refusals = [];
  const link = new Map(given);
  for (const [name, last] of link) {
    const count = given.getAll(name).length;
    if (count > 1) refusals.push(filled(why["twice-in-link"], { name: shownValue(name), count, last: shownValue(last) }));
  }
  const unknown = [...link].filter(([name]) => !keys.includes(name) && !Object.hasOwn(parameters, name));
  for (const [at, [name, value]] of unknown.entries()) {
    const said = { name: shownValue(name), value: shownValue(value) || "''", link: aLink };
    refusals.push(at ? filled(why["another-key"], said) : refuse(phrases, said.name, value, filled(why.key, said), amongWords(phrases, keys)).message);
  }
  /** @template T @param {string} name @param {(text: string) => T} reader @returns {T | null} */
  const read = (name, reader) => (link.has(name) ? attempt(() => reader(link.get(name) ?? ""), refusals) : null);
  /** @type {(name: string, known: string[]) => string | null} */
  const among = (name, known) => read(name, (word) => {
    if (!known.includes(word)) throw refuse(phrases, name, word, why.choice, amongWords(phrases, known), known.at(-1));
    return word;
  });
  const config = readConfig(new Map([...link].filter(([name]) => Object.hasOwn(parameters, name))), table, refusals);
  const state = {
    config,
    pinned: read("pin", (pin) => readPin(pin, table)),
    controls: read("controls", (names) => readControls(names, table)),
    question: read("question", (question) => readQuestion(question, table)) ?? "",
    talk: among("talk", ["0", "1"]) === "1",
    panels: curvesOfLink(among("curves", table.panels.map(([name]) => name)), config, table, refusals),
    look: readLook(link, table, refusals),
  };
  return { state, refusals };
}

/** What a part of a link says; null, and a sentence more, for a part that is refused. @template T @param {() => T} reader @param {string[]} refusals @returns {T | null} */
function attempt(reader, refusals) {
  try {
    return reader();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!refusals.includes(error.message)) refusals.push(error.message);
    return null;
  }
}

/** The set of curves of a link; a run by steps has the usual one alone. @type {(asked: string | null, config: Config, table: PageTable, refusals: string[]) => string} */
function curvesOfLink(asked, { endless }, { panels: [[usual]], link: { why }, parameters }, refusals) {
  if (asked === null || asked === usual || endless) return asked ?? usual;
  refusals.push(refuse(parameters.refusals, "curves", asked, ...why["flow-curves"]).message);
  return usual;
}

/** A config of texts; where values clash, the one that the refusal names is dropped first. @type {(texts: Map<string, string>, table: PageTable, refusals: string[]) => Config} */
function readConfig(texts, table, refusals) {
  const { parameters } = table;
  const defaults = defaultsOf(table);
  /** @type {Fields} */
  const values = {};
  for (const [name, text] of texts) {
    const value = attempt(() => valueOf(parameters.known[name], text, parameters.refusals), refusals);
    if (value !== null) values[name] = value;
  }
  for (;;) {
    const whole = Object.entries(settledValues({ ...defaults, ...values }, table));
    const implied = Object.fromEntries(whole.filter(([name, value]) => String(value) !== String(defaults[name])));
    try {
      return shownRun({ ...implied, ...values }, table);
    } catch (error) {
      const names = Object.keys(values);
      if (!(error instanceof Refusal) || !names.length) throw error;
      if (!refusals.includes(error.message)) refusals.push(error.message);
      const dropped = [error.field, ...table.gives_way, ...names].find((name) => Object.hasOwn(values, name));
      delete values[dropped ?? names[0]];
    }
  }
}

/** The pinned config of a link. One bad part refuses the whole pin, since half of it would be another run. @type {(text: string, table: PageTable) => Config} */
export function readPin(text, table) {
  const { parameters: { known: parameters, refusals: phrases }, link: { why, pin_example: example } } = table;
  const pairs = text === "default" ? [] : text.split(",").map((pair) => /** @type {[string, string]} */ ([pair.split(":", 1)[0], pair.slice(pair.indexOf(":") + 1)]));
  const names = pairs.map(([name]) => name);
  const known = (/** @type {string} */ name) => Object.hasOwn(parameters, name);
  const wrong = names.find((name) => !known(name) || names.indexOf(name) !== names.lastIndexOf(name));
  /** @type {string[]} */
  const troubles = [];
  if (wrong !== undefined) troubles.push(filled(why[known(wrong) ? "twice" : "unknown"], { name: shownValue(wrong) || "nothing" }));
  const texts = pairs.map(([name, value]) => /** @type {[string, string]} */ ([name, known(name) && parameters[name].kind === "sizes" ? value.replaceAll(".", ",") : value]));
  const config = troubles.length ? null : readConfig(new Map(texts), table, troubles);
  if (config && !troubles.length) return config;
  throw refuse(phrases, "pin", text, filled(why.pin, { why: troubles[0].replace(/\.$/, "") }), why["pin-holds"], example);
}

/** The knobs that a link leaves visible, in their order. @type {(text: string, table: PageTable) => string[]} */
function readControls(text, { rows, link: { why, examples }, parameters }) {
  const turnable = rows.filter(({ kind }) => kind).map(({ name }) => name);
  const asked = text === "none" ? [] : text.split(",");
  const wrong = asked.find((name) => !turnable.includes(name));
  if (wrong === undefined) return turnable.filter((name) => asked.includes(name));
  const said = filled(why.control, { name: shownValue(wrong) || "nothing" });
  throw refuse(parameters.refusals, "controls", text, said, filled(why.controls, { names: turnable.join(", ") }), examples.controls);
}

/** A teacher's question as one line. @type {(text: string, table: PageTable) => string} */
function readQuestion(text, { link: { longest_question: longest, why, examples }, parameters: { refusals: phrases } }) {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim();
  const count = [...line].length;
  if (count <= longest) return line;
  throw refuse(phrases, "question", line, filled(why.long, { count: count.toLocaleString("en") }), spanWords(phrases, 0, longest), examples.question);
}

/** A value as a link writes it. @type {(value: unknown) => string} */
export function writtenValue(value) {
  return value === Infinity ? "none" : String(value);
}

/** A config as the keys of a link; class sizes say the number of classes. @type {(config: Config) => [string, string][]} */
function keysOf(config) {
  const counts = config.class_sizes.length ? ["classes", "per_class"] : [];
  return Object.entries(config.toJSON()).filter(([name]) => !counts.includes(name)).map(([name, value]) => [name, writtenValue(value)]);
}

/** A config as the key `pin` holds it. @type {(config: Config) => string} */
export function pinOf(config) {
  return keysOf(config).map(([name, text]) => `${name}:${text.replaceAll(",", ".")}`).join(",") || "default";
}

/**
 * The link that opens a state, with how its film is looked at.
 * @type {(state: LabState, look: Record<string, string | number | undefined>, table: PageTable) => string}
 */
export function linkOf({ config, pinned, controls, question, talk, panels }, look, table) {
  const keys = keysOf(config);
  if (pinned) keys.push(["pin", pinOf(pinned)]);
  if (controls) keys.push(["controls", controls.join(",") || "none"]);
  if (question) keys.push(["question", question]);
  if (talk) keys.push(["talk", "1"]);
  if (panels !== table.panels[0][0] && config.endless) keys.push(["curves", panels]);
  for (const [name, value] of Object.entries(look)) if (value !== undefined) keys.push([name, String(value)]);
  const escaped = keys.map((pair) => pair.map((part) => encodeURIComponent(part).replaceAll("%2C", ",").replaceAll("%3A", ":")).join("="));
  return escaped.length ? `#${escaped.join("&")}` : "";
}

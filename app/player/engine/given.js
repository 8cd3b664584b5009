// A run from a start that a script gives, W and H as nested rows: checked, since nobody has checked it before.

/** @import { EngineTable } from "./jobs.js" */
/** @import { GivenStart } from "./messages.d.ts" */
/** @import { Fields, State } from "./types.d.ts" */
import { Config, namesAndValues } from "./config.js";
import { filled } from "./film/said.js";
import { Refusal } from "./refusal.js";
import { broughtWithin } from "./starts.js";

/** Logits of such entries, and the step after them, are still finite in float64. */
const MAX_ENTRY = 1e100;
/** What decides how a start is drawn: of no meaning where it is given. */
const IDLE_FIELDS = ["initialisation", "margin", "push", "push_along", "initial_scale", "seed"];

/**
 * The config and the start of a run. Sizes and dimension are read from the start; `class_sizes` says which columns of H
 * are of which class where that are not as many of each.
 * @throws {Refusal} for a start that is none
 * @type {(fields: Fields, start: GivenStart | null, table: EngineTable) => { config: Config, state: State | null }}
 */
export function givenRun(fields, start, { parameters, words }) {
  if (start === null) return { config: Config.from(fields, parameters), state: null };
  const drawn = namesAndValues(fields, parameters).filter(([name]) => !IDLE_FIELDS.includes(name));
  const [W, H] = [flattened("W", start, words.starts), flattened("H", start, words.starts)];
  const [classes, samples] = [start.W.length, start.H[0].length];
  const even = !fields.class_sizes;
  if (H.rows !== W.columns) throw refusedStart("H", words.starts.dimension, { rows: H.rows, columns: W.columns });
  if (even && samples % classes) throw refusedStart("H", words.starts.columns, { columns: samples, classes });
  const sizes = even ? { classes, per_class: samples / classes } : {};
  const config = Config.from({ ...Object.fromEntries(drawn), ...sizes, dimension: W.columns }, parameters);
  if (config.classes !== classes || config.sampleCount !== samples) {
    throw refusedStart("class_sizes", words.starts.sizes, { classes, columns: samples });
  }
  return { config, state: broughtWithin(config, { W: W.entries, H: H.entries }) };
}

/** @type {(block: "W" | "H", start: GivenStart, starts: Record<string, string>) => { rows: number, columns: number, entries: Float64Array }} */
function flattened(block, start, starts) {
  const rows = start[block];
  const columns = Array.isArray(rows) && Array.isArray(rows[0]) ? rows[0].length : 0;
  const isRow = (/** @type {unknown} */ row) => Array.isArray(row) && row.length === columns && Array.from(row).every(isEntry);
  const sound = columns > 0 && Array.from(rows).every(isRow); // copies, since every() passes over what is missing
  if (!sound) throw refusedStart(block, starts.numbers, { block });
  return { rows: rows.length, columns, entries: Float64Array.from(rows.flat()) };
}

/** @type {(entry: unknown) => boolean} */
const isEntry = (entry) => typeof entry === "number" && Math.abs(entry) <= MAX_ENTRY;

/** @type {(field: string, sentence: string, values: Record<string, string | number>) => Refusal} */
function refusedStart(field, sentence, values) {
  return new Refusal(field, filled(sentence, values));
}

/** Entries as nested rows of so many columns. @type {(entries: Float64Array, columns: number) => number[][]} */
export function nested(entries, columns) {
  const rows = [];
  for (let at = 0; at < entries.length; at += columns) rows.push([...entries.subarray(at, at + columns)]);
  return rows;
}

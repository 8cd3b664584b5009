// Says how the pinned run differs from the one on stage, in the words of the knobs, as app/page/difference.py does.

/** @import { Config, KnobRow, PageTable } from "./types.d.ts" */
import { filled } from "../player/engine/film/said.js";
import { holdsOf } from "./facts.js";
import { writtenValue } from "./link.js";

/** @type {(pinned: Config, now: Config, table: PageTable) => string} */
export function differenceWords(pinned, now, table) {
  const { lengths, words: { same, differ } } = table;
  const differing = table.rows.filter(({ name, needs }) => writtenOf(pinned, name) !== writtenOf(now, name)
    || (lengths.includes(name) && holdsOf(needs, pinned) !== holdsOf(needs, now)));
  if (!differing.length) return same;
  const [one, other] = [pinned, now].map((run) => differing.filter(({ needs }) => holdsOf(needs, run)).map((row) => saidOf(row, run, table)).join(", "));
  return filled(differ, { pinned: one, now: other });
}

/**
 * What a person had chosen that is no gradient, and a flow has taken back; empty where nothing gave way.
 * @type {(before: Config, now: Config, table: PageTable) => string}
 */
export function gaveWayWords(before, now, table) {
  const { rows, beside_a_gradient: beside, words: { gave_way: gaveWay } } = table;
  const gone = now.flows ? rows.filter(({ name }) => beside.includes(name) && writtenOf(before, name) !== writtenOf(now, name)) : [];
  return gone.length ? filled(gaveWay, { what: gone.map((row) => saidOf(row, before, table)).join(", ") }) : "";
}

/** @type {(run: Config, name: string) => string} */
function writtenOf(run, name) {
  return writtenValue(/** @type {Record<string, unknown>} */ (/** @type {unknown} */ (run))[name]);
}

/** @type {(row: KnobRow, run: Config, table: PageTable) => string} */
function saidOf({ name, words }, run, { parameters }) {
  const value = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (run))[name];
  const plain = typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 10 }) : String(value).replaceAll(",", ", ");
  return `${parameters.known[name].label} ${words.find(([word]) => word === writtenValue(value))?.[1] ?? plain}`;
}

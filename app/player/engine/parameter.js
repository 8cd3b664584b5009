// A parameter of a run: how its value is checked and read from text, as ulpm_core/model/parameter.py and
// ulpm_core/model/class_sizes.py do it.

/** @import { Parameter, Phrases } from "./types.d.ts" */
/** @import { Refusal } from "./refusal.js" */
import { filled } from "./film/said.js";
import { LONGEST_VALUE, refuse } from "./refusal.js";

/** @typedef {number | string | number[]} Value */
/** @typedef {(why: string, said?: Record<string, number>) => Refusal} RefuseFor refuses what was given, with the phrase of this name */

const GROUPED_NUMBER = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;
const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/;
const SIZE_LIST = /^[ \t\n\r\f\v]*\d{1,9}(([ \t\n\r\f\v]*,[ \t\n\r\f\v]*\d{1,9})*|(\.\d{1,9})*)[ \t\n\r\f\v]*$/;
/** What Python takes for white space at the ends of a text. */
const ENDS = /^(?:(?!\ufeff)[\s\x1c-\x1f\x85])+|(?:(?!\ufeff)[\s\x1c-\x1f\x85])+$/g; // eslint-disable-line no-control-regex
/** Most characters of a list that is read, for each of its numbers. */
const SIZE_CHARACTERS = 7;
/** Larger numbers are none that a run could use. */
const LARGEST = 1e300;

/** The value of a parameter that nobody gave. @type {(row: Parameter) => Value} */
export function defaultOf(row) {
  return row.kind === "bound" ? Infinity : row.default;
}

/**
 * A value that was given, in its own type; text is read, as in a link.
 * @throws {Refusal}
 * @type {(row: Parameter, given: unknown, phrases: Phrases) => Value}
 */
export function valueOf(row, given, phrases) {
  /** @type {RefuseFor} */
  const refused = (why, said) => refuse(phrases, row.name, given, filled(phrases[why], said), row.allowed, row.example);
  if (typeof given === "string" && row.kind !== "text") return parsed(row, given, refused);
  return checked(row, given, given, refused);
}

/** @type {(row: Parameter) => string} */
function notANumber(row) {
  return row.kind === "int" ? "whole" : row.kind === "bound" ? "bound" : "number";
}

/** A value in its own type; `given` is how it was written. @type {(row: Parameter, value: unknown, given: unknown, refused: RefuseFor) => Value} */
function checked(row, value, given, refused) {
  if (row.kind === "text") {
    if (typeof value !== "string" || !row.choices.includes(value)) throw refused("choice");
    return value;
  }
  if (row.kind === "sizes") return checkedSizes(row, value, refused);
  if (row.kind === "bound" && value === Infinity && value === given) return value;
  if (typeof value !== "number") throw refused(notANumber(row));
  if (Number.isNaN(value)) throw refused("number");
  const within = Math.abs(value) < LARGEST && value >= (row.low ?? -Infinity) && value <= (row.high ?? Infinity);
  if (!within) throw refused("range");
  if (row.kind === "int" && !Number.isInteger(value)) throw refused(notANumber(row));
  return value + 0; // -0 becomes 0: equal configs, equal digests
}

/** @type {(row: Parameter, value: unknown, refused: RefuseFor) => number[]} */
function checkedSizes(row, value, refused) {
  if (!Array.isArray(value) || !value.every(Number.isInteger)) throw refused("list");
  const [count, low, high] = [value.length, row.low ?? -Infinity, row.high ?? Infinity];
  if (count === 1 || count > (row.most ?? Infinity)) throw refused(count === 1 ? "one-size" : "count", { count });
  if (!value.every((size) => size >= low && size <= high)) throw refused("size");
  return [...value];
}

/** @type {(row: Parameter, text: string, refused: RefuseFor) => Value} */
function parsed(row, text, refused) {
  if (row.kind === "sizes") {
    const listed = text.length <= SIZE_CHARACTERS * (row.most ?? Infinity) && SIZE_LIST.test(text);
    if (!listed) throw refused("list");
    return checked(row, text.split(/[,.]/).map(Number), text, refused);
  }
  let plain = text.replace(ENDS, "");
  if (row.kind === "bound" && plain === "none") return Infinity;
  if (GROUPED_NUMBER.test(plain)) plain = plain.replaceAll(",", ""); // a comma may only group thousands: 0,3 is not 3
  plain = plain.replaceAll("_", "");
  if (plain.length > LONGEST_VALUE || !PLAIN_NUMBER.test(plain)) throw refused(notANumber(row));
  return checked(row, Number(plain), text, refused);
}

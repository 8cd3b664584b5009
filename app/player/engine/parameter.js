// A parameter of a run: how its value is checked and read from text, as ulpm_core/model/parameter.py and
// ulpm_core/model/class_sizes.py do it.

/** @import { Parameter } from "./types.d.ts" */
/** @import { Refusal } from "./refusal.js" */
import { LONGEST_VALUE, amongWords, plainNumber, refuse, spanWords } from "./refusal.js";

/** @typedef {number | string | number[]} Value */

const GROUPED_NUMBER = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;
const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/;
const SIZE_LIST = /^[ \t\n\r\f\v]*\d{1,9}(([ \t\n\r\f\v]*,[ \t\n\r\f\v]*\d{1,9})*|(\.\d{1,9})*)[ \t\n\r\f\v]*$/;
/** What Python takes for white space at the ends of a text. */
const ENDS = /^(?:(?!\ufeff)[\s\x1c-\x1f\x85])+|(?:(?!\ufeff)[\s\x1c-\x1f\x85])+$/g; // eslint-disable-line no-control-regex
/** Most characters of a list that is read, for each of its numbers. */
const SIZE_CHARACTERS = 7;
/** Larger numbers are none that a run could use. */
const LARGEST = 1e300;
export const EXAMPLE_SIZES = "10,10,2,2";

/** The value of a parameter that nobody gave. @type {(row: Parameter) => Value} */
export function defaultOf(row) {
  return row.kind === "bound" ? Infinity : row.default;
}

/**
 * A value that was given, in its own type; text is read, as in a link.
 * @throws {Refusal}
 * @type {(row: Parameter, given: unknown) => Value}
 */
export function valueOf(row, given) {
  if (typeof given === "string" && row.kind !== "text") return parsed(row, given);
  return checked(row, given, given);
}

/** The refusal of a value, with what is allowed and an example. @type {(row: Parameter, given: unknown, why: string) => Refusal} */
export function refuseValue(row, given, why) {
  return refuse(row.name, given, why, allowedWords(row), exampleWords(row));
}

/** @type {(row: Parameter) => string} */
function allowedWords(row) {
  if (row.choices.length) return amongWords(row.choices);
  const span = spanWords(row.low ?? -Infinity, row.high ?? Infinity);
  if (row.kind === "sizes") return `2 to ${row.most} numbers of ${span} with commas between`;
  return row.kind === "bound" ? `${span}, or none` : span;
}

/** @type {(row: Parameter) => string} */
function exampleWords(row) {
  if (row.kind === "sizes") return EXAMPLE_SIZES;
  if (row.kind === "bound") return "1";
  return typeof row.default === "number" ? plainNumber(row.default) : String(row.default);
}

/** @type {(row: Parameter) => string} */
function notANumber(row) {
  return row.kind === "int" ? "is not a whole number" : "is not a number";
}

/** A value in its own type; `given` is how it was written. @type {(row: Parameter, value: unknown, given: unknown) => Value} */
function checked(row, value, given) {
  if (row.kind === "text") {
    if (typeof value !== "string" || !row.choices.includes(value)) throw refuseValue(row, given, "is not a known choice");
    return value;
  }
  if (row.kind === "sizes") return checkedSizes(row, value, given);
  if (row.kind === "bound" && value === Infinity && value === given) return value;
  if (typeof value !== "number") throw refuseValue(row, given, notANumber(row));
  if (Number.isNaN(value)) throw refuseValue(row, given, "is not a number");
  const within = Math.abs(value) < LARGEST && value >= (row.low ?? -Infinity) && value <= (row.high ?? Infinity);
  if (!within) throw refuseValue(row, given, "is out of range");
  if (row.kind === "int" && !Number.isInteger(value)) throw refuseValue(row, given, notANumber(row));
  return value + 0; // -0 becomes 0: equal configs, equal digests
}

/** @type {(row: Parameter, value: unknown, given: unknown) => number[]} */
function checkedSizes(row, value, given) {
  if (!Array.isArray(value) || !value.every(Number.isInteger)) throw refuseValue(row, given, "is no list of whole numbers");
  const [count, low, high] = [value.length, row.low ?? -Infinity, row.high ?? Infinity];
  if (count === 1 || count > (row.most ?? Infinity)) {
    throw refuseValue(row, given, `holds ${count} size${count > 1 ? "s" : ""}`);
  }
  if (!value.every((size) => size >= low && size <= high)) throw refuseValue(row, given, "holds a size out of range");
  return [...value];
}

/** @type {(row: Parameter, text: string) => Value} */
function parsed(row, text) {
  if (row.kind === "sizes") {
    const listed = text.length <= SIZE_CHARACTERS * (row.most ?? Infinity) && SIZE_LIST.test(text);
    if (!listed) throw refuseValue(row, text, "is no list of whole numbers");
    return checked(row, text.split(/[,.]/).map(Number), text);
  }
  let plain = text.replace(ENDS, "");
  if (row.kind === "bound" && plain === "none") return Infinity;
  if (GROUPED_NUMBER.test(plain)) plain = plain.replaceAll(",", ""); // a comma may only group thousands: 0,3 is not 3
  plain = plain.replaceAll("_", "");
  if (plain.length > LONGEST_VALUE || !PLAIN_NUMBER.test(plain)) throw refuseValue(row, text, notANumber(row));
  return checked(row, Number(plain), text);
}

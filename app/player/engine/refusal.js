// Refusals of bad input, as ulpm_core/model/refusal.py makes them, in the phrases that Python exports.

/** @import { Phrases } from "./types.d.ts" */
import { filled } from "./film/said.js";
import { general } from "./number_words.js";

/** Most characters of a value that a message repeats; no longer number is read from text either. */
export const LONGEST_VALUE = 40;
const UNPRINTABLE_CHARACTER = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** A refusal that a person can act on: it names the field, the value, the range and a value that works. */
export class Refusal extends Error {
  /**
   * @param {string} field
   * @param {string} message
   */
  constructor(field, message) {
    super(message);
    this.name = "Refusal";
    this.field = field;
  }
}

/**
 * The refusal of a value: why, what is allowed, and an example that works where what is allowed is more than one.
 * @type {(phrases: Phrases, field: string, value: unknown, why: string, allowed: string, example?: string | null, verb?: string) => Refusal}
 */
export function refuse(phrases, field, value, why, allowed, example = null, verb = phrases.use) {
  return unfit(phrases, field, `${field} = ${shownValue(value) || "''"} ${why}`, `${verb} ${workingValues(phrases, allowed, example)}`);
}

/** The refusal of what is no single value: what is wrong, what to do, and an example. @type {(phrases: Phrases, field: string, what: string, remedy: string, example?: string | null) => Refusal} */
export function unfit(phrases, field, what, remedy, example = null) {
  const named = what.startsWith(`${field} `) ? what : `${field}: ${what}`;
  return new Refusal(field, printable(`${named}: ${workingValues(phrases, remedy, example)}.`));
}

/** @type {(phrases: Phrases, allowed: string, example: string | null) => string} */
function workingValues(phrases, allowed, example) {
  return example === null || example === allowed ? allowed : filled(phrases.example, { allowed, example });
}

/** A range in words, or its one number. @type {(phrases: Phrases, least: number, most: number) => string} */
export function spanWords(phrases, least, most) {
  const [low, high] = [least, most].map(plainNumber);
  return low === high ? low : filled(phrases.span, { low, high });
}

/** The choices in words, or the only one. @type {(phrases: Phrases, choices: string[]) => string} */
export function amongWords(phrases, choices) {
  return choices.length === 1 ? choices[0] : filled(phrases.among, { choices: choices.join(", ") });
}

/** A number as a person types it, with a hyphen: whole ones with all digits, others with twelve. @type {(value: number) => string} */
export function plainNumber(value) {
  return Number.isSafeInteger(value) ? String(value) : general(value, 12).replaceAll("−", "-");
}

/** A refused value as a message may repeat it: one line, printable, at most 40 characters. @type {(value: unknown) => string} */
export function shownValue(value) {
  let written;
  try {
    written = typeof value === "number" ? repeatedNumber(value) : String(value);
  } catch {
    written = `[${typeof value}]`; // what has no text
  }
  const text = [...printable(written.slice(0, 3 * LONGEST_VALUE))]; // of what is longer, no more would be shown
  return text.length <= LONGEST_VALUE ? text.join("") : `${text.slice(0, LONGEST_VALUE - 3).join("")}...`;
}

/** A number with all its digits, as Python writes it. @type {(value: number) => string} */
function repeatedNumber(value) {
  if (Number.isSafeInteger(value)) return String(value);
  const words = value.toString().replace("Infinity", "inf").replace("NaN", "nan");
  const power = Math.abs(value) >= 1e16 || Math.abs(value) < 1e-4;
  if (!power || !Number.isFinite(value)) return words;
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

/** @type {(text: string) => string} */
function printable(text) {
  return text.replace(UNPRINTABLE_CHARACTER, "?");
}

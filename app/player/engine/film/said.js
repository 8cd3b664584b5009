// Fills in the sentences that come from Python: templates by name, their fields {in braces}.

/** @typedef {(name: string, values?: Record<string, string | number>) => string} Say says a sentence by its name */
import { general } from "../number_words.js";

/** A template with its fields filled in by what is written already. @type {(template: string, values?: Record<string, string | number>) => string} */
export function filled(template, values = {}) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** A number in Python's format .6g, or with fewer digits. @type {(value: number, digits?: number) => string} */
export function plainWords(value, digits) {
  return general(value, digits).replaceAll("−", "-");
}

/** What says a sentence of this table of templates. @type {(templates: Record<string, string>) => Say} */
export function sayingOf(templates) {
  return (name, values) => filled(templates[name], values);
}

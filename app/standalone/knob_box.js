// The box around a knob: its name, its value in words, and its help behind a question mark.

import { filled } from "../player/engine/film/said.js";
import { make, wordButton } from "../player/parts.js";

/**
 * Fills a box with all but the field; `wire` puts the field that turns it into its place.
 * @type {(box: HTMLElement, name: string, words: { label: string, help: string }, whatIs: string) => { value: HTMLOutputElement, wire: (field: HTMLElement) => void }}
 */
export function knobIn(box, name, { label, help }, whatIs) {
  box.className = "lab-knob";
  box.dataset.knob = name;
  const head = make("div", "lab-knob-head", box);
  const labelled = make("label", "", head, label);
  labelled.htmlFor = `lab-${name}`;
  const value = make("output", "", head);
  value.htmlFor.add(labelled.htmlFor);
  const words = make("p", "lab-knob-help", box, help);
  words.id = `${labelled.htmlFor}-help`;
  words.hidden = true;
  const asked = wordButton(head, "lab-knob-ask", "?", () => {
    words.hidden = !words.hidden;
    asked.setAttribute("aria-expanded", String(!words.hidden));
  });
  asked.setAttribute("aria-label", filled(whatIs, { label }));
  asked.setAttribute("aria-expanded", "false");
  asked.title = help;
  /** @type {(field: HTMLElement) => void} */
  const wire = (field) => {
    field.id = labelled.htmlFor;
    field.setAttribute("aria-describedby", words.id);
    head.after(field.closest(".lab-knob-field") ?? field);
  };
  return { value, wire };
}

/** What follows a box and the derived knobs after it. @type {(box: Element) => Element | null} */
export function nextOf(box) {
  let next = box.nextElementSibling;
  while (next instanceof HTMLElement && next.dataset.derived !== undefined) next = next.nextElementSibling;
  return next;
}

/** @type {(box: HTMLElement, low: number, high: number, turned: (final: boolean) => void) => HTMLInputElement} */
export function rangeIn(box, low, high, turned) {
  const field = make("input", "", box);
  field.type = "range";
  field.min = String(low);
  field.max = String(high);
  field.step = "1";
  field.addEventListener("input", () => turned(false));
  field.addEventListener("change", () => turned(true));
  return field;
}

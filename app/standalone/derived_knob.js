// A knob without a parameter of its own: it shows what the run says, and turning it changes several values of that.

/** @import { Config, DerivedRow, PageTable } from "./types.d.ts" */
import { derivedOptions, derivedValue, derivedValues } from "./derived.js";
import { holdsOf } from "./facts.js";
import { knobIn, rangeIn } from "./knob_box.js";
import { make } from "../player/parts.js";

export class DerivedKnob {
  /**
   * @param {DerivedRow} row
   * @param {HTMLElement} box
   * @param {PageTable} table
   * @param {(values: Record<string, unknown>, final: boolean) => void} turn
   */
  constructor(row, box, table, turn) {
    this.row = row;
    this.box = box;
    this.table = table;
    box.dataset.derived = "";
    const { value, wire } = knobIn(box, row.name, row, table.words.what_is);
    this.value = value;
    /** @type {[string, string][]} */
    this.options = [];
    /** @type {Config | null} */
    this.run = null;
    const chosen = (/** @type {string} */ text, /** @type {boolean} */ final) => {
      if (this.run) turn(derivedValues(row.name, text, this.run, table), final);
    };
    this.field = row.kind === "choice" ? this.#choice(chosen) : this.#ladder(chosen);
    wire(this.field);
    this.said = make("p", "lab-knob-help", box);
  }

  /** Shows where the knob stands for a run. @type {(run: Config, lesson: boolean) => void} */
  fill(run, lesson) {
    const { row, field, box, said } = this;
    this.run = run;
    const here = derivedValue(row.name, run);
    this.options = derivedOptions(row, run, here);
    box.hidden = lesson || this.options.length < 2 || !holdsOf(row.needs, run);
    if (field instanceof HTMLSelectElement) field.value = here;
    else {
      field.max = String(this.options.length - 1);
      field.value = String(this.options.findIndex(([value]) => value === here));
      this.#show();
    }
    said.textContent = row.said[here] ?? "";
    said.hidden = !said.textContent;
  }

  /** @type {(chosen: (text: string, final: boolean) => void) => HTMLSelectElement} */
  #choice(chosen) {
    const field = make("select", "", this.box);
    for (const [value, words] of this.row.options ?? []) make("option", "", field, words).value = value;
    field.addEventListener("change", () => chosen(field.value, true));
    return field;
  }

  /** @type {(chosen: (text: string, final: boolean) => void) => HTMLInputElement} */
  #ladder(chosen) {
    const field = rangeIn(this.box, 0, 1, (final) => {
      this.#show();
      chosen(this.options[Number(field.value)][0], final);
    });
    return field;
  }

  #show() {
    const words = this.options[Number(/** @type {HTMLInputElement} */ (this.field).value)]?.[1] ?? "";
    this.value.textContent = words;
    this.field.setAttribute("aria-valuetext", words);
  }
}

// The knobs: one for each row of the table, built once; a run only fills them in, and hides those without a part in it.

/** @import { Config, DerivedRow, KnobRow, PageTable } from "./types.d.ts" */
import { general } from "../player/engine/number_words.js";
import { make, wordButton } from "../player/parts.js";
import { DerivedKnob } from "./derived_knob.js";
import { holdsOf } from "./facts.js";
import { knobIn, nextOf, rangeIn } from "./knob_box.js";
import { writtenValue } from "./link.js";

/** @typedef {(values: Record<string, unknown>, final: boolean) => void} Turn takes new values; `final` once a knob is let go of */
/** @typedef {{ field: HTMLElement, fill: (text: string) => void }} Field what is turned, and how it is filled in */
/** @typedef {{ row: KnobRow, box: HTMLElement, fill: (text: string) => void }} Built */

/** From here on a rung is written with all its digits, with commas. */
const GROUPED_FROM = 1000;

export class Knobs {
  /**
   * @param {{ rows: HTMLElement, advanced: HTMLElement }} places
   * @param {PageTable} table
   * @param {Turn} turn
   */
  constructor(places, table, turn) {
    this.advanced = places.advanced;
    this.table = table;
    this.turn = turn;
    /** @type {Built[]} */
    this.built = table.rows.filter(({ kind }) => kind).map((row) => this.#build(row, row.advanced ? places.advanced : places.rows));
    this.derived = table.derived.map((row) => new DerivedKnob(row, this.#placed(row), table, turn));
  }

  /** Shows where the knobs stand for a run; `controls` are those that a teacher left. @type {(run: Config, controls: string[] | null) => void} */
  fill(run, controls) {
    for (const { row, box, fill } of this.built) {
      box.hidden = !holdsOf(row.needs, run) || (controls !== null && !controls.includes(row.name));
      fill(writtenValue(/** @type {Record<string, unknown>} */ (/** @type {unknown} */ (run))[row.name]));
    }
    for (const knob of this.derived) knob.fill(run, controls !== null);
    this.#fold(run);
  }

  /** Puts the advanced knobs that a run unfolds under its rule, and the others back. @type {(run: Config) => void} */
  #fold(run) {
    const [rule] = this.derived;
    const advanced = rule ? this.built.filter(({ row }) => row.advanced) : [];
    for (let i = advanced.length - 1; i >= 0; i -= 1) { // the last first: each is put right under the rule
      const { row, box } = advanced[i];
      const place = row.unfolded && holdsOf(row.unfolded, run) ? rule.box.parentElement : this.advanced;
      if (!place || box.parentElement === place || box.contains(document.activeElement)) continue; // nothing moves under a hand
      const next = advanced.slice(i + 1).find((other) => other.box.parentElement === this.advanced)?.box ?? null;
      place.insertBefore(box, place === this.advanced ? next : nextOf(rule.box));
    }
    const folded = this.advanced.closest("details");
    if (folded) folded.hidden = this.built.every(({ row, box }) => !row.advanced || box.hidden || box.parentElement !== this.advanced);
  }

  /** The box of a derived knob: at the top, or after the one that it follows. @type {(row: DerivedRow) => HTMLElement} */
  #placed({ after }) {
    const box = document.createElement("div");
    const first = this.built.find(({ row }) => !row.advanced)?.box;
    const before = this.built.find(({ row }) => row.name === after)?.box;
    if (before) before.parentElement?.insertBefore(box, nextOf(before));
    else first?.before(box);
    return box;
  }

  /** @type {(row: KnobRow, place: HTMLElement) => Built} */
  #build(row, place) {
    const box = make("div", "", place);
    const { value, wire } = knobIn(box, row.name, this.table.parameters.known[row.name], this.table.words.what_is);
    const { field, fill } = this.#field(row, box, value);
    wire(field);
    return { row, box, fill };
  }

  /** @type {(row: KnobRow, box: HTMLElement, value: HTMLElement) => Field} */
  #field(row, box, value) {
    switch (row.kind) {
      case "slider": return this.#slider(row, box, value);
      case "ladder": return this.#ladder(row, box, value);
      case "choice": return this.#choice(row, box);
      case "number": return this.#number(row, box);
      default: return this.#seed(row, box);
    }
  }

  /** @type {(row: KnobRow, box: HTMLElement, value: HTMLElement) => Field} */
  #slider(row, box, value) {
    const { low, high } = this.table.parameters.known[row.name];
    const field = rangeIn(box, Number(low), Number(high), (final) => {
      value.textContent = field.value;
      this.turn({ [row.name]: field.value }, final);
    });
    /** @type {(text: string) => void} */
    const fill = (text) => {
      field.value = text;
      value.textContent = text;
    };
    return { field, fill };
  }

  /** A slider over round values; another one that a link brought stands among them. @type {(row: KnobRow, box: HTMLElement, value: HTMLElement) => Field} */
  #ladder(row, box, value) {
    let rungs = row.ladder;
    const show = () => {
      const words = rungs[Number(field.value)][1];
      value.textContent = words;
      field.setAttribute("aria-valuetext", words);
    };
    const field = rangeIn(box, 0, rungs.length - 1, (final) => {
      show();
      this.turn({ [row.name]: rungs[Number(field.value)][0] }, final);
    });
    /** @type {(text: string) => void} */
    const fill = (text) => {
      const size = rungSize(text);
      const known = row.ladder.some(([rung]) => rungSize(rung) === size);
      rungs = known ? row.ladder : [...row.ladder, /** @type {[string, string]} */ ([text, rungWords(size)])].sort(([a], [b]) => rungSize(a) - rungSize(b));
      field.max = String(rungs.length - 1);
      field.value = String(rungs.findIndex(([rung]) => rungSize(rung) === size));
      show();
    };
    return { field, fill };
  }

  /** @type {(row: KnobRow, box: HTMLElement) => Field} */
  #choice(row, box) {
    const field = make("select", "", box);
    for (const [word, said] of row.words) {
      if (this.table.parameters.known[row.name].here.includes(word)) make("option", "", field, said).value = word;
    }
    field.addEventListener("change", () => this.turn({ [row.name]: field.value }, true));
    /** @type {(text: string) => void} */
    const fill = (text) => { field.value = text; };
    return { field, fill };
  }

  /** @type {(row: KnobRow, box: HTMLElement) => Field} */
  #number(row, box) {
    const field = make("input", "", box);
    field.inputMode = this.table.parameters.known[row.name].kind === "int" ? "numeric" : "decimal";
    field.autocomplete = "off";
    field.addEventListener("change", () => this.turn({ [row.name]: field.value }, true));
    /** @type {(text: string) => void} */
    const fill = (text) => { field.value = text; };
    return { field, fill };
  }

  /** @type {(row: KnobRow, box: HTMLElement) => Field} */
  #seed(row, box) {
    const beside = make("div", "lab-knob-field", box);
    const made = this.#number(row, beside);
    const { label, help } = this.table.words.actions.dice;
    const dice = wordButton(beside, "lab-button", label, () => this.turn({ [row.name]: String(Math.floor(Math.random() * this.table.largest_seed)) }, true));
    dice.title = help;
    return made;
  }
}

/** @type {(text: string) => number} */
function rungSize(text) {
  return text === "none" ? Infinity : Number(text);
}

/** A rung as people write it. @type {(size: number) => string} */
function rungWords(size) {
  return size >= GROUPED_FROM ? size.toLocaleString("en", { maximumSignificantDigits: 10 }) : general(size).replaceAll("−", "-");
}

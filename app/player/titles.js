// Fills the rows over the curves: each panel's name with its definition, and the figures of the present frame.

/** @import { Film } from "./film.js" */
/** @import { Curve, Explained } from "./types.d.ts" */
import { claimInFilm, hasClaim, offerClaim } from "./claiming.js";
import { GLOSSARY } from "./glossary.js";
import { figure, power } from "./numbers.js";
import { make, within, wordButton, writeWords } from "./parts.js";
import { explain } from "./terms.js";

/** For rows too narrow for the words of a film. @type {Record<string, string>} */
const SHORT = {
  "class means": "means", classifiers: "w", stationarity: "stat.", complementarity: "compl.", objective: "obj.", "lower bound": "bound",
};

export class Titles {
  /**
   * @param {HTMLElement} host
   * @param {HTMLElement} note where a definition is shown, outside the rows
   */
  constructor(host, note) {
    this.host = host;
    this.note = note;
    /** @type {HTMLElement | null} */
    this.open = null;
    /** @type {{ element: HTMLElement, curve: string }[]} */
    this.figures = [];
    /** Whose figures are written. @type {{ film: Film, frame: number } | null} */
    this.written = null;
    note.hidden = true;
    note.setAttribute("role", "status");
    this.abort = new AbortController();
    document.addEventListener("pointerdown", ({ target }) => {
      if (!within(target, ".fp-name, .fp-note")) this.close();
    }, { signal: this.abort.signal });
  }

  /** One row for each panel, a title and its curves. @type {(panels: { title: string, curves: Curve[] }[]) => void} */
  show(panels) {
    this.close();
    this.host.replaceChildren();
    this.figures = panels.flatMap(({ title, curves }) => this.#row(title, curves));
  }

  /** Puts the rows `step` pixels apart. @type {(step: number) => void} */
  place(step) {
    [...this.host.children].forEach((row, i) => { if (row instanceof HTMLElement) row.style.top = `${i * step}px`; });
  }

  /** Writes the figures of a frame; `letter` says whose they are, beside other films. @type {(film: Film, frame: number, letter: string) => void} */
  draw(film, frame, letter) {
    this.written = { film, frame };
    for (const { element, curve } of this.figures) {
      const value = valueWords(curve, film.arrays[curve][frame]);
      writeWords(element, letter ? `${letter} ${value}` : value);
    }
  }

  /** Closes the definition that is open; answers whether one was. @type {() => boolean} */
  close() {
    const { open } = this;
    open?.setAttribute("aria-expanded", "false");
    this.note.hidden = true;
    this.open = null;
    return Boolean(open);
  }

  destroy() {
    this.abort.abort();
  }

  /** @type {(title: string, curves: Curve[]) => { element: HTMLElement, curve: string }[]} */
  #row(title, curves) {
    const row = make("div", "fp-title", this.host);
    const name = wordButton(row, "fp-name", title, () => {
      const reopen = this.open !== name;
      this.close();
      if (reopen) this.#define(name, curves);
    });
    name.setAttribute("aria-expanded", "false");
    return curves.map((curve, i) => {
      const value = make("span", i ? "fp-value fp-second" : "fp-value", row);
      value.title = curve.label;
      if (curves.length > 1) {
        const which = make("span", "fp-which", value);
        make("span", "fp-word", which, curve.label).dataset.short = SHORT[curve.label] ?? curve.label;
      }
      return { element: make("span", "fp-figure", value), curve: curve.name };
    });
  }

  /**
   * Opens a definition as high as its curve, as far as that lies within the player.
   * @type {(name: HTMLElement, curves: Curve[]) => void}
   */
  #define(name, curves) {
    const { note } = this;
    name.setAttribute("aria-expanded", "true");
    note.replaceChildren();
    note.hidden = false;
    for (const curve of curves) {
      const entry = make("p", "", note);
      explain(entry, explainedCurve(curve));
      if (hasClaim(curve.name)) offerClaim(entry, curve.name, () => claimInFilm(this.written, curve.name));
    }
    this.open = name;
    const root = (note.offsetParent ?? note).getBoundingClientRect();
    const top = name.getBoundingClientRect().top - root.top;
    note.style.setProperty("--fp-top", `${Math.max(0, Math.min(top, root.height - note.offsetHeight))}px`);
  }
}

/**
 * What a curve is, in the words for newcomers where its film defines it as usual; what its film adds stays.
 * @type {(curve: Curve) => Explained}
 */
function explainedCurve({ name, label, definition }) {
  const known = GLOSSARY.curves?.[name];
  if (!known || !definition.startsWith(known.definition)) return { name: label, words: definition, formula: "" };
  return { name: label, words: known.words + definition.slice(known.definition.length), formula: known.formula };
}

/**
 * A figure beside a title. Cross-entropy is never 0: a 0 there is less than float64 can hold.
 * @type {(curve: string, value: number) => string}
 */
export function valueWords(curve, value) {
  return curve === "loss" && value === 0 ? `below 10${power(-308)}` : figure(value);
}

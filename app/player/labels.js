// The films' names: over each scene, where a click has that film's figures read, and beside the curves, with their lines.

/** @import { Film } from "./film.js" */
/** @import { Shown, Theme } from "./types.d.ts" */
import { drawParts, makeDrawing, part } from "./drawing.js";
import { make, wordButton, writeWords } from "./parts.js";
import { FILM_LETTERS, pencilOf } from "./pens.js";

/** What two films are called of which one was pinned. */
export const PINNED_AND_NOW = ["pinned", "now"];
const [PEN_WIDTH, PEN_HEIGHT] = [24, 8]; // pixels

export class Labels {
  /**
   * @param {HTMLElement} over where names stand over the scenes
   * @param {HTMLElement} beside where they stand beside the curves
   * @param {(i: number) => void} choose has the figures of a film read
   */
  constructor(over, beside, choose) {
    this.over = over;
    this.beside = beside;
    this.choose = choose;
    /** What is named. @type {{ shown: Shown, theme: Theme, chosen: Film } | null} */
    this.now = null;
    /** The words over each scene. @type {HTMLElement[]} */
    this.words = [];
  }

  /** Names films at a frame each; `chosen` is the one whose figures are read. @type {(shown: Shown, frames: number[], chosen: Film, theme: Theme) => void} */
  draw(shown, frames, chosen, theme) {
    const { now } = this;
    if (now?.shown !== shown || now.theme !== theme) this.#fill(shown, theme);
    if (now?.shown !== shown || now.chosen !== chosen) {
      [...this.over.children].forEach((button, i) => button.setAttribute("aria-pressed", String(shown.films[i] === chosen)));
    }
    this.now = { shown, theme, chosen };
    nameWords(shown, frames).forEach((words, i) => writeWords(this.words[i], words));
  }

  /** @type {(shown: Shown, theme: Theme) => void} */
  #fill({ films, names }, theme) {
    const { over, beside } = this;
    over.replaceChildren();
    beside.replaceChildren();
    beside.hidden = films.length === 1;
    this.words = beside.hidden ? [] : films.map((_, i) => {
      const button = wordButton(over, "fp-film", "", () => this.choose(i));
      button.title = `Read the figures of ${FILM_LETTERS[i]} (${i + 1})`;
      const entry = make("span", "fp-entry", beside);
      for (const place of [button, entry]) penOn(place, i, films.length, theme);
      make("b", "", entry, FILM_LETTERS[i]);
      make("span", "", entry, names[i] ?? "");
      return make("span", "", button);
    });
  }
}

/** The line with which a film's curves are drawn. @type {(place: HTMLElement, i: number, count: number, theme: Theme) => void} */
function penOn(place, i, count, theme) {
  const drawing = makeDrawing(place, "fp-pen");
  const { width, colour, dash } = pencilOf(i, count, theme, { first: true, isChosen: true });
  for (const [name, value] of Object.entries({ width: PEN_WIDTH, height: PEN_HEIGHT, "aria-hidden": "true" })) drawing.setAttribute(name, String(value));
  drawParts(drawing, [part("path", { d: `M0 ${PEN_HEIGHT / 2}H${PEN_WIDTH}`, stroke: colour, "stroke-width": width, "stroke-dasharray": dash || "none" })]);
}

/** @type {(i: number, name: string | undefined) => string} */
function nameOf(i, name) {
  return [FILM_LETTERS[i], name].filter(Boolean).join(" ");
}

/**
 * The words over each of several films, and which of them have ended before the leading one.
 * @type {(shown: Shown, frames: number[]) => string[]}
 */
export function nameWords({ films, names, lead }, frames) {
  if (films.length < 2) return [];
  return films.map((film, i) => {
    const over = film !== lead && lead.outlasts(film) && frames[i] === film.frames - 1 && !film.partial;
    return nameOf(i, names[i]) + (over ? `, ended at ${film.moment(frames[i])}` : "");
  });
}

/**
 * What is said of films, once where it is the same: "A, C: this. B: that."
 * @type {(words: string[], between: string) => string}
 */
export function ofAll(words, between) {
  const said = [...new Set(words)];
  if (said.length < 2) return said[0] ?? "";
  /** @type {(each: string) => string} */
  const letters = (each) => FILM_LETTERS.filter((_, i) => words[i] === each).join(", ");
  return said.filter(Boolean).map((each) => `${letters(each)}: ${each}`).join(between);
}

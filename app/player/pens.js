// How the curves of films are drawn that share one set: each film's in its own colour and, for eyes and printers without
// colours, in its own dash.

/** @import { Theme } from "./types.d.ts" */

/** How a line is drawn; the dash as in SVG. @typedef {{ width: number, colour: string, dash: string }} Pencil */

/** What a film is called beside others. */
export const FILM_LETTERS = ["A", "B", "C", "D"];
export const [SOLID, DOTTED, DASHED] = ["", "3 3", "9 9"];
/** Of A, B, C and D; a film alone is drawn as B is. */
const FILM_DASHES = [DASHED, SOLID, "12 4 2 4", "2 4"];
const ALONE = 1;

/** Of the curves of a panel one after the other, in a film alone. */
const CURVE_DASHES = [SOLID, DOTTED, "9 3", "9 3 2 3", "1 4"];

/**
 * How film `i` of so many draws a curve: the one whose figures are read, `isChosen`, a little stronger. The `first` curve
 * of a panel differs from those after it, at their `place` in it, by its dash in a film alone, and beside others by its
 * width.
 * @type {(i: number, count: number, theme: Pick<Theme, "films">, line: { first: boolean, isChosen: boolean, place?: number }) => Pencil}
 */
export function pencilOf(i, count, { films }, { first, isChosen, place = first ? 0 : 1 }) {
  if (count === 1) return { width: 2, colour: films[ALONE], dash: CURVE_DASHES[place % CURVE_DASHES.length] };
  return { width: (isChosen ? 2 : 1.5) * (first ? 1 : 0.6), colour: films[i], dash: FILM_DASHES[i] };
}

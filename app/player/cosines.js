// Opens the cosine matrix as a table with names and figures, in the place of the scene.

/** @import { Film } from "./film.js" */
/** @import { Numbers } from "./types.d.ts" */
import { isBlock, matrixShade } from "./matrix.js";
import { figure } from "./numbers.js";
import { Opened } from "./opened.js";
import { make, onResize, writeWords } from "./parts.js";

/** @typedef {{ film: Film, table: HTMLTableElement, caption: HTMLElement, cells: HTMLElement[], letter: string, shown: string[] }} Table */

/** What cosines are of, where not of class means. */
export const CLASSIFIERS = "classifiers";
const LARGEST_CELL = 96; // pixels
const FIGURE_WIDTHS = 3.3; // a cell is as wide as so many letters high: room for "−0.33"
const SMALLEST_LETTERS = 8; // pixels; smaller figures are left to screen readers
const CELLS_A_MILLISECOND = 20; // while the film plays, so that a large table does not hold it up

export class CosineTable extends Opened {
  /**
   * @param {HTMLElement} box
   * @param {(open: boolean) => void} changed
   */
  constructor(box, changed) {
    super(box, "Cosine matrix", "matrix", changed);
    this.room = make("div", "fp-tables", this.host);
    /** @type {Table[]} */
    this.tables = [];
    this.next = 0;
    this.observer = onResize(this.room, () => this.#fit());
  }

  /** Lays out a table for each of the films; `letters` name two. @type {(films: Film[], letters: string[]) => void} */
  fill(films, letters) {
    this.tables = films.map((film, i) => {
      const table = make("table", "fp-table");
      const caption = make("caption", "", table);
      const names = Array.from({ length: film.classes }, (_, k) => film.nameOf(k));
      const head = make("tr", "", table);
      make("td", "", head);
      names.forEach((name) => this.#name(head, name, "col"));
      const cells = names.flatMap((name) => {
        const row = make("tr", "", table);
        this.#name(row, name, "row");
        return names.map(() => make("span", "", make("td", "fp-cell", row)));
      });
      return { film, table, caption, cells, letter: letters[i], shown: [] };
    });
    this.room.replaceChildren(...this.tables.map(({ table }) => table));
    this.#fit();
  }

  /**
   * Draws a frame of each film: its cosines in a flat list, and what they are cosines of.
   * @type {(cosines: Numbers[], of: string, ground: number[], playing: boolean) => void}
   */
  draw(cosines, of, ground, playing) {
    const now = performance.now();
    const size = this.tables.reduce((sum, { cells }) => sum + cells.length, 0);
    if (!this.isOpen || (playing && now < this.next)) return;
    this.next = now + size / CELLS_A_MILLISECOND;
    this.tables.forEach((table, i) => this.#drawTable(table, cosines[i], of, ground));
  }

  /** @type {(on: boolean) => void} */
  shown(on) {
    super.shown(on);
    this.next = 0;
    this.#fit();
  }

  destroy() {
    this.observer.disconnect();
  }

  /** @type {(table: Table, cosines: Numbers, of: string, ground: number[]) => void} */
  #drawTable({ film, caption, cells, letter, shown }, cosines, of, ground) {
    const [simplex, best] = [film.simplexCosine, film.idealCosines(of === CLASSIFIERS)];
    const blank = best ? "blank at those of the best frame" : `${film.fits ? "ideal" : "ideal of a simplex"} ${figure(simplex)}`;
    const between = film.inBlocks ? `mean cosines between ${of} of two blocks of classes, each named by the one on stage` : `cosines between ${of}`;
    const said = letter ? `${letter}: ${between}` : between[0].toUpperCase() + between.slice(1);
    writeWords(caption, `${said}, ${blank}. Squares lie above, discs below.`);
    cells.forEach((cell, at) => {
      const ideal = best ? best[at] : simplex;
      const cosine = cosines[at];
      const self = at % (film.classes + 1) === 0 && !isBlock(film.header.crowd, at / (film.classes + 1));
      const shade = self || !Number.isFinite(cosine) ? null : matrixShade(cosine, ideal, ground);
      const text = self ? "1" : shade ? cosineWords(cosine) : "–";
      const look = `${text} ${shade} ${cosine < ideal}`;
      if (shown[at] === look) return;
      shown[at] = look;
      cell.textContent = text;
      const { style, classList } = cell.parentElement ?? cell;
      style.backgroundColor = shade ? `rgb(${shade.join(",")})` : "";
      style.color = shade ? inkOn(shade) : "";
      classList.toggle("fp-below", Boolean(shade) && cosine < ideal);
      classList.toggle("fp-self", self);
    });
  }

  /** @type {(row: HTMLElement, name: string, scope: "col" | "row") => void} */
  #name(row, name, scope) {
    const header = make("th", "", row);
    header.scope = scope;
    header.title = name;
    make("span", "", header, name);
  }

  /** Cells as large as the room allows; where figures no longer fit they are out of sight. */
  #fit() {
    if (!this.isOpen) return;
    const { clientWidth, clientHeight } = this.room;
    const across = clientWidth > clientHeight ? this.tables.length : 1;
    for (const { film, table } of this.tables) {
      const names = Math.min(72, 14 + 7 * Math.max(...Array.from({ length: film.classes }, (_, k) => film.nameOf(k).length)));
      const wide = (clientWidth / across - names - 8) / film.classes;
      const high = ((clientHeight * across) / this.tables.length - 64) / film.classes;
      const cell = Math.max(4, Math.min(LARGEST_CELL, Math.floor(Math.min(wide, high)) - 1));
      const letters = cell / FIGURE_WIDTHS;
      table.style.setProperty("--fp-cell", `${cell}px`);
      table.style.setProperty("--fp-names", `${names}px`);
      table.style.setProperty("--fp-letters", `${Math.min(16, letters)}px`);
      table.classList.toggle("fp-tight", letters < SMALLEST_LETTERS);
    }
  }
}

/** A cosine with two places, as in a table. @type {(cosine: number) => string} */
export function cosineWords(cosine) {
  return cosine.toFixed(2).replace("-0.00", "0.00").replace("-", "−");
}

/**
 * Black or white, whichever is read better on a colour: at least 4.5 to 1 by WCAG on any.
 * @type {(rgb: number[]) => string}
 */
export function inkOn(rgb) {
  const [r, g, b] = rgb.map((x) => (x <= 10 ? x / 3294.6 : ((x / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

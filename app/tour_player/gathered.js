// What a whole class has answered to one question, for the back row: a picture, a sentence that says the same, and a table.

import { contextOf, make, onResize, writeWords } from "../player/parts.js";
import { barsPicture } from "./bars.js";
import { curvePanel } from "./curve_panel.js";
import { dotsPicture } from "./dots.js";
import { drawParts } from "../player/drawing.js";
import { countOf } from "./pictures.js";
import { placementsPicture } from "./placements.js";
import { sketchesPicture } from "./sketches.js";

/** @import { Film } from "../player/film.js" */
/** @import { Picture, Size } from "./pictures.js" */

/**
 * What is shown: the question with its right answers, what the room's results say of it, the film and where it waits and
 * goes on to, where the question has one, and whether the right answers are shown.
 * @typedef {{
 *   question: { kind: string, right: number[], truth: number | null, tolerance: number | null, curve: string | null },
 *   result: Result, film: Film | null, scene: { until: number, then: number } | null, revealed: boolean,
 * }} Gathering
 * @typedef {{
 *   answered: number, options?: string[], counts?: number[], numbers?: number[], sketches?: number[][][], placements?: number[][][],
 * }} Result
 */

const [LETTERS, LOWEST, LEAST] = [28, 20, 15]; // letters across a picture, those that it is high at least, and pixels of one
const [SHARE, OF_WINDOW] = [0.72, 0.62]; // of the box's width and of the window's height

const STRONG = 650; // weight of words that turn out right: others fit where those do

export class Gathered {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    /** @type {Gathering | null} */
    this.shown = null;
    this.said = "";
    this.figure = make("figure", "tp-gathered", box);
    this.picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.picture.setAttribute("role", "img");
    this.figure.append(this.picture);
    this.words = make("figcaption", "tp-said", this.figure);
    this.details = make("details", "tp-details", this.figure);
    make("summary", "", this.details, "As a table");
    this.table = make("table", "", this.details);
    this.pen = contextOf(make("canvas"));
    this.observer = onResize(box, () => this.#draw());
  }

  /** Shows what has been answered so far; the same as before is not drawn again. @type {(gathering: Gathering) => void} */
  show(gathering) {
    const { film, ...rest } = gathering;
    const said = JSON.stringify([film?.digest, rest]);
    if (said === this.said) return;
    this.said = said;
    this.shown = gathering;
    this.#draw();
  }

  destroy() {
    this.observer.disconnect();
    this.figure.remove();
  }

  #draw() {
    const { shown, picture } = this;
    const size = this.#size();
    if (!shown || !size.width) return;
    const { parts, height, words, table } = pictureOf(shown, size);
    picture.setAttribute("viewBox", `0 0 ${size.width} ${Math.max(1, height)}`);
    picture.setAttribute("aria-label", words);
    this.figure.style.setProperty("--tp-letter", `${size.em}px`);
    picture.toggleAttribute("hidden", !parts.length);
    drawParts(picture, parts);
    writeWords(this.words, words);
    this.details.hidden = table.length < 2;
    const [heads, ...rows] = table;
    this.table.replaceChildren(rowOf("thead", "th", heads ?? []), ...rows.map((row) => rowOf("tbody", "td", row)));
  }

  /** @type {() => Size} */
  #size() {
    const width = this.box.clientWidth, height = Math.min(SHARE * width, OF_WINDOW * innerHeight);
    const em = Math.max(LEAST, Math.min(width / LETTERS, height / LOWEST));
    this.pen.font = `${STRONG} ${em}px ${getComputedStyle(this.box).fontFamily}`;
    return { width, height: Math.max(height, LOWEST * em), em, measure: (words) => this.pen.measureText(words).width };
  }
}

/**
 * The picture of what was answered; of a sketch or a placement without its film, only how many there are.
 * @type {(gathering: Gathering, size: Size) => Picture}
 */
export function pictureOf({ question, result, film, scene, revealed }, size) {
  const { kind, right, truth, tolerance, curve } = question;
  const { answered, options, counts, numbers, sketches, placements } = result;
  if (options && counts) return barsPicture({ options, counts, answered, several: kind === "several", right: revealed ? right : null }, size);
  if (numbers) {
    const near = truth === null ? null : { value: truth, tolerance: tolerance ?? 0 };
    return dotsPicture(numbers, revealed ? near : null, size);
  }
  if (film && scene && sketches && curve) return sketchesPicture(curvePanel(film, curve, scene.until, scene.then), sketches, revealed, size);
  if (film && scene && placements) return placementsPicture(film, scene, placements, revealed, size);
  return { parts: [], height: 0, words: answered ? `${countOf(answered, "answer")}.` : "Nobody has answered yet.", table: [] };
}

/** @type {(section: "thead" | "tbody", cell: "th" | "td", words: string[]) => HTMLElement} */
function rowOf(section, cell, words) {
  const group = make(section);
  const row = make("tr", "", group);
  words.forEach((each, i) => {
    const made = make(i ? cell : "th", "", row, each);
    made.scope = section === "thead" ? "col" : "row";
  });
  return group;
}

// The sketches of a class over one another, with the line in their middle, and the run's curve over them once it is shown.

import { figure } from "../player/numbers.js";
import { ranked } from "./axes.js";
import { axesParts, clipped, frameAcross, runPath, valueUp } from "./curve_panel.js";
import { acrossColumn, COLUMNS, runHeights, sketchOf } from "./freehand.js";
import { part, pathThrough, wordsAt } from "../player/drawing.js";
import { countOf } from "./pictures.js";

/** @import { CurvePanel } from "./curve_panel.js" */
/** @import { Heights } from "./freehand.js" */
/** @import { Part } from "../player/drawing.js" */
/** @import { Box, Picture, Size } from "./pictures.js" */

const ROWS = 5;
const [FAINTEST, CLEAREST, SHARED] = [0.05, 0.6, 8]; // opacity of a line, and how much all share

/**
 * The sketches over one another. The run is seen up to where the film waits, and whole once it is `revealed`.
 * @type {(panel: CurvePanel, answers: number[][][], revealed: boolean, size: Size) => Picture}
 */
export function sketchesPicture(panel, answers, revealed, size) {
  const { em, width, height } = size;
  const box = { left: 4 * em, top: 3 * em, width: width - 5 * em, height: height - 5.6 * em };
  const sketches = answers.map((answer) => sketchOf(panel, answer));
  const middle = middleLine(sketches);
  const opacity = Math.min(CLEAREST, Math.max(FAINTEST, SHARED / sketches.length));
  const lines = sketches.map((heights) => part("path", { class: "tp-sketch", d: sketchPath(panel, box, heights), opacity }));
  const median = sketches.length > 2 ? [part("path", { class: "tp-median", d: sketchPath(panel, box, middle) })] : [];
  const shown = runPath(panel, box, revealed ? panel.to : panel.from);
  const run = [part("path", { class: "tp-run-halo", d: shown }), part("path", { class: "tp-run", d: shown })];
  const parts = [...axesParts(panel, box, em), clipped(box, [...lines, ...median, ...run]), wordsAt(0, 0.9 * em, panel.title, { class: "tp-strong" }), ...keyParts(size, box.top, sketches.length, revealed)];
  return { parts, height, words: sketchesWords(panel, sketches, middle, revealed), table: sketchesTable(panel, sketches, revealed) };
}

/** A sketch as a path. @type {(panel: CurvePanel, box: Box, heights: Heights) => string} */
export function sketchPath(panel, { left, top, width, height }, heights) {
  return pathThrough(heights.map((up, column) => (up === null ? null : [left + acrossColumn(panel, column) * width, top + (1 - up) * height])));
}

/** The height in the middle at each column, where at least half of all sketches have one. @type {(sketches: Heights[]) => Heights} */
export function middleLine(sketches) {
  return Array.from({ length: COLUMNS }, (_, column) => {
    const sorted = heightsAt(sketches, column);
    return sorted.length && 2 * sorted.length >= sketches.length ? ranked(sorted, 0.5) : null;
  });
}

/** The heights at a column, sorted. @type {(sketches: Heights[], column: number) => number[]} */
function heightsAt(sketches, column) {
  return sketches.flatMap((heights) => heights[column] ?? []).sort((a, b) => a - b);
}

/** What each kind of line is, over the picture, in letters small enough for one row. @type {(size: Size, top: number, count: number, revealed: boolean) => Part[]} */
function keyParts({ em, width }, top, count, revealed) {
  const named = [
    ["tp-sketch", countOf(count, "sketch", "sketches")], ...(count > 2 ? [["tp-median", "their middle"]] : []), ["tp-run", revealed ? "the run" : "the run so far"],
  ];
  const ems = named.map(([, words]) => 2.6 + 0.56 * words.length);
  const letter = Math.min(em, width / ems.reduce((sum, one) => sum + one, 0));
  let at = 0;
  return named.flatMap(([kind, words], place) => {
    const x = at;
    at += ems[place] * letter;
    return [part("path", { class: kind, d: `M${x} ${top - 0.8 * em}h${1.4 * letter}` }), wordsAt(x + 1.7 * letter, top - 0.45 * em, words, { "font-size": letter })];
  });
}

/** @type {(panel: CurvePanel, sketches: Heights[], middle: Heights, revealed: boolean) => string} */
function sketchesWords(panel, sketches, middle, revealed) {
  if (!sketches.length) return "Nobody has answered yet.";
  const last = middle.findLastIndex((height) => height !== null);
  const all = [`${countOf(sketches.length, "sketch", "sketches")}.`];
  const end = middle[last];
  if (end !== undefined && end !== null) all.push(`At ${momentAt(panel, last)} the one in the middle is ${heightWords(panel, end)}.`);
  const truth = runHeights(panel)[COLUMNS - 1];
  if (revealed && truth !== null) all.push(`The run ends at ${figure(valueUp(panel, truth))}.`);
  const out = sketches.filter((heights) => heights.some((height) => height !== null && (height < 0 || height > 1))).length;
  if (out) all.push(`${countOf(out, "sketch leaves", "sketches leave")} the picture.`);
  const none = sketches.filter((heights) => heights.every((height) => height === null)).length;
  if (none) all.push(`${countOf(none, "answer is", "answers are")} no sketch of this part of the film.`);
  return all.join(" ");
}

/** @type {(panel: CurvePanel, column: number) => string} */
function momentAt(panel, column) {
  return panel.film.moment(Math.round(frameAcross(panel, acrossColumn(panel, column))));
}

/** @type {(panel: CurvePanel, height: number) => string} */
function heightWords(panel, height) {
  return height < 0 ? "below the picture" : height > 1 ? "above the picture" : `at ${figure(valueUp(panel, height))}`;
}

/** @type {(panel: CurvePanel, sketches: Heights[], revealed: boolean) => string[][]} */
function sketchesTable(panel, sketches, revealed) {
  const run = runHeights(panel);
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const column = Math.round(((i + 1) / ROWS) * (COLUMNS - 1));
    const sorted = heightsAt(sketches, column);
    const quarters = [0.25, 0.5, 0.75].map((share) => (sorted.length ? heightWords(panel, ranked(sorted, share)).replace("at ", "") : "–"));
    const truth = run[column];
    return [momentAt(panel, column), ...quarters, sorted.length.toLocaleString("en"), ...(revealed ? [truth === null ? "–" : figure(valueUp(panel, truth))] : [])];
  });
  return [["moment", "lower quarter", "middle", "upper quarter", "sketches", ...(revealed ? ["the run"] : [])], ...rows];
}

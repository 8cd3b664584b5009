// What a class has chosen: a bar for each answer, under its words.

import { part, wordsAt } from "../player/drawing.js";
import { countOf, linesOfWords } from "./pictures.js";

/** @import { Part } from "../player/drawing.js" */
/** @import { Picture, Size } from "./pictures.js" */

const [LINE, BAR, BAR_AIR] = [1.25, 1.1, 0.8]; // of a letter's height: a line of words, a bar, and what is between two answers
const LEAST_READ = 14; // pixels: where twelve answers leave less, the picture is higher
const TICK = "M0 .55L.33 .9L1 0";
const [FIGURES, INDENT] = [7, 1.5]; // letters that a count beside its bar takes, and a tick before its words
const MOST_LINES = 8; // of one answer
const BESIDE = 0.4; // of the width: short words stand beside their bars, so that twelve of them stay large

/** How many chose each answer; `right` has the places of the right ones, null while they are not shown. @typedef {{ options: string[], counts: number[], answered: number, several: boolean, right: number[] | null }} Chosen */

/** @type {(chosen: Chosen, size: Size) => Picture} */
export function barsPicture(chosen, size) {
  const { options, counts, answered, right } = chosen;
  const isBeside = options.every((words) => size.measure(words) < BESIDE * size.width - INDENT * size.em);
  const lines = options.map((words) => (isBeside ? [words] : linesOfWords(words, size.width - (1 + INDENT) * size.em, size.measure, MOST_LINES)));
  const heights = lines.map(({ length }) => (isBeside ? LINE : length * LINE + BAR) + BAR_AIR);
  const em = Math.min(size.em, Math.max(LEAST_READ, size.height / heights.reduce((sum, height) => sum + height, 0)));
  const left = isBeside ? BESIDE * size.width : 0;
  const longest = Math.max(1, ...counts);
  let top = 0;
  const parts = options.flatMap((_, i) => {
    const isRight = right?.includes(i) ?? false;
    const before = isRight ? INDENT * em : 0;
    const said = lines[i].map((words, line) => wordsAt(before, top + (line + 0.8) * LINE * em, words, { class: isRight ? "tp-strong" : "", "font-size": em }));
    const bar = top + (isBeside ? 0.1 : lines[i].length * LINE + 0.1) * em;
    const length = Math.max(0.15 * em, (counts[i] / longest) * (size.width - left - FIGURES * em));
    const mark = isRight ? [tickAt(0.1 * em, top + 0.2 * em, 0.9 * em)] : [];
    top += heights[i] * em;
    return [
      ...mark, ...said,
      part("rect", { class: right && !isRight ? "tp-bar tp-wrong" : "tp-bar", x: left, y: bar, width: length, height: BAR * em, rx: 0.15 * em }),
      wordsAt(left + length + 0.4 * em, bar + 0.9 * em, shareWords(counts[i], answered), { class: "tp-figure", "font-size": em }),
    ];
  });
  return { parts, height: top, words: barsWords(chosen), table: barsTable(chosen) };
}

/** @type {(x: number, y: number, size: number) => Part} */
function tickAt(x, y, size) {
  return part("path", { class: "tp-tickmark", d: TICK, transform: `translate(${x} ${y}) scale(${size})` });
}

/** @type {(count: number, of: number) => string} */
function shareWords(count, of) {
  return of ? `${count.toLocaleString("en")} (${Math.round((100 * count) / of)}%)` : "0";
}

/** @type {(chosen: Chosen) => string} */
function barsWords({ options, counts, answered, several, right }) {
  if (!answered) return "Nobody has answered yet.";
  const all = [`${countOf(answered, "answer")}${several ? ", each of which may choose several" : ""}.`];
  const most = Math.max(...counts), first = counts.indexOf(most);
  if (counts.lastIndexOf(most) === first) all.push(`Most chosen: ${options[first]} (${most.toLocaleString("en")}).`);
  if (right?.length === 1) all.push(`Right is: ${options[right[0]]} (${counts[right[0]].toLocaleString("en")}).`);
  else if (right) all.push(`Right are: ${right.map((i) => `${options[i]} (${counts[i].toLocaleString("en")})`).join("; ")}.`);
  return all.join(" ");
}

/** @type {(chosen: Chosen) => string[][]} */
function barsTable({ options, counts, answered, right }) {
  const rows = options.map((words, i) => [words, counts[i].toLocaleString("en"), answered ? `${Math.round((100 * counts[i]) / answered)}%` : "–"]);
  if (!right) return [["answer", "chosen by", "of those who answered"], ...rows];
  return [["answer", "chosen by", "of those who answered", ""], ...rows.map((row, i) => [...row, right.includes(i) ? "right" : ""])];
}

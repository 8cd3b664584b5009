// What pictures of answers have in common: how they are described, and their words.

/** @import { Part } from "../player/drawing.js" */

/**
 * What a picture is drawn for: its width and the height of a letter, in pixels, the most that it may be high, and what
 * tells the width of words at that size.
 * @typedef {{ width: number, height: number, em: number, measure: (words: string) => number }} Size
 */
/**
 * A picture, how high it came out, what it shows in words, and the same as a table, its first row the heads.
 * @typedef {{ parts: Part[], height: number, words: string, table: string[][] }} Picture
 */
/** Where something is drawn, in pixels. @typedef {{ left: number, top: number, width: number, height: number }} Box */

const ELLIPSIS = "…";

/**
 * Words in lines that are at most so wide, `most` of them; what does not fit ends in an ellipsis.
 * @type {(words: string, width: number, measure: (words: string) => number, most?: number) => string[]}
 */
export function linesOfWords(words, width, measure, most = 3) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words.split(/\s+/).flatMap((each) => pieces(each, width, measure))) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  if (lines.length <= most) return lines;
  const [last] = pieces(lines[most - 1] + ELLIPSIS, width, measure, ELLIPSIS);
  return [...lines.slice(0, most - 1), last];
}

/**
 * A word cut where it is too wide; each piece but the last ends with `end`.
 * @type {(word: string, width: number, measure: (words: string) => number, end?: string) => string[]}
 */
function pieces(word, width, measure, end = "") {
  if (measure(word) <= width) return [word];
  const letters = [...word];
  let fits = letters.length - 1;
  while (fits > 1 && measure(letters.slice(0, fits).join("") + end) > width) fits -= 1;
  return fits < 1 ? [word] : [letters.slice(0, fits).join("") + end, ...pieces(letters.slice(fits).join(""), width, measure, end)];
}

/** "1 answer", "1,200 answers". @type {(count: number, one: string, many?: string) => string} */
export function countOf(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

// Finds the terms that sentences mention, as `app/terms/explained.py` does.

/** @import { Term } from "./types.d.ts" */

/** A piece of a sentence, and the term that it is; null for what stands between. @typedef {{ name: string | null, said: string }} Piece */

/**
 * A sentence in pieces: the first mention of each term that is not `known` yet, and what stands between. What is explained here is known from now on.
 * @type {(words: string, terms: Record<string, Term>, known?: Set<string>) => Piece[]}
 */
export function piecesOf(words, terms, known = new Set()) {
  const spelt = Object.entries(terms).filter(([, term]) => term.spelt);
  if (!spelt.length) return [{ name: null, said: words }];
  const letters = (/** @type {string} */ pattern) => pattern.replaceAll("\\w", "\\p{L}\\p{N}_"); // Python's, which stand in brackets
  const pattern = new RegExp(spelt.map(([name, term]) => `(?<${name}>${letters(term.spelt)})`).join("|"), "gu");
  /** @type {Piece[]} */
  const pieces = [];
  let at = 0;
  for (const { groups, index, 0: said } of words.matchAll(pattern)) {
    const name = Object.keys(groups ?? {}).find((each) => groups?.[each] !== undefined) ?? "";
    if (known.has(name)) continue;
    known.add(name);
    pieces.push({ name: null, said: words.slice(at, index) }, { name, said });
    at = index + said.length;
  }
  return [...pieces, { name: null, said: words.slice(at) }].filter((piece) => piece.said);
}

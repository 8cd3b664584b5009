// The sentences of a film in parts: words, and the figures in them that can be copied as claims.

/** @import { Film } from "./film.js" */
/** @import { Claim, ClaimTable } from "./types.d.ts" */
import { claimOf } from "./claim.js";
import { CLAIMS } from "./claims.js";

/** A figure that can be copied as a claim. @typedef {{ said: string, claim: Claim }} Figure */
/** A sentence in parts. @typedef {(string | Figure)[]} Parts */

/** The sentences of a film; films of before do not say which of their numbers are figures. @type {(film: Film) => Parts[]} */
export function sentencesIn(film) {
  const { sentences = [], figures = [] } = film.header;
  return sentences.map((words, i) => {
    const letters = Array.from(words); // as Python counts them
    /** @type {Parts} */
    const parts = [];
    let at = 0;
    for (const { start, end, curve, frame } of figures.filter(({ sentence }) => sentence === i)) {
      const claim = CLAIMS.words ? claimOf(film, curve, frame, /** @type {ClaimTable} */ (CLAIMS)) : null;
      if (!claim) continue;
      parts.push(letters.slice(at, start).join(""), { said: letters.slice(start, end).join(""), claim });
      at = end;
    }
    return [...parts, letters.slice(at).join("")];
  });
}

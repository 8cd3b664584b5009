// Says in the place of a film why there is none.

import { find } from "./parts.js";

/** Says what went wrong, and throws it on for whoever looks into the console. @type {(error: unknown) => never} */
export function sayInPlace(error) {
  const words = find(document, ".fp-message, .fp-late");
  words.hidden = false;
  words.className = "fp-message";
  words.setAttribute("role", "status");
  words.textContent = error instanceof Error ? error.message : String(error);
  throw error;
}

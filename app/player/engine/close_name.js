// The name that was meant by a mistyped one: Python's difflib, by the share of characters that match in order.

const CLOSE = 0.6;
/** A longer text is no mistyped name. */
const LONGEST_NAME_GIVEN = 100;

/** How many characters two texts share in order: the longest common piece, and so on before and behind it (Ratcliff and Obershelp). @type {(a: string, b: string) => number} */
function charactersInCommon(a, b) {
  let [longest, atA, atB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    for (let j = 0; j < b.length; j += 1) {
      let length = 0;
      while (i + length < a.length && a[i + length] === b[j + length]) length += 1;
      if (length > longest) [longest, atA, atB] = [length, i, j];
    }
  }
  if (!longest) return 0;
  const before = charactersInCommon(a.slice(0, atA), b.slice(0, atB));
  return longest + before + charactersInCommon(a.slice(atA + longest), b.slice(atB + longest));
}

/** The closest of the known names, or the first where none is close. @type {(given: string, known: string[]) => string} */
export function closestName(given, known) {
  if (given.length > LONGEST_NAME_GIVEN) return known[0];
  const scored = known.map((name) => ({ name, score: (2 * charactersInCommon(name, given)) / (name.length + given.length) }));
  scored.sort((one, other) => other.score - one.score || (one.name < other.name ? 1 : -1));
  return scored[0].score >= CLOSE ? scored[0].name : known[0];
}

// Lets a person copy a figure as a claim, where its definition is explained.

/** @import { Film } from "./film.js" */
/** @import { Claim, ClaimTable } from "./types.d.ts" */
import { claimLatex, claimOf, claimText } from "./claim.js";
import { CLAIMS } from "./claims.js";
import { copiedText } from "./copying.js";
import { make, wordButton } from "./parts.js";

/** The forms in which a claim is copied. @type {[string, (claim: Claim, table: ClaimTable) => string][]} */
const CLAIM_FORMS = [["Text", claimText], ["JSON", (claim) => JSON.stringify(claim)], ["LaTeX", claimLatex]];

/** The address of the page, where it leads back to what is seen. @type {() => string} */
function addressHere() {
  const isLab = location.protocol.startsWith("http") && document.querySelector(".stApp") !== null;
  return isLab ? location.href : "";
}

/** A figure of a film at a frame; its value where it is no curve of this film. @typedef {{ film: Film, frame: number, given?: number }} Place */

/** Films that were on stage of late, for tables beside the player. @type {Map<string, Film>} */
const filmsRead = new Map();
const MOST_SEEN = 8;

/** Remembers a film that is on stage. @type {(film: Film) => void} */
export function rememberFilm(film) {
  if (filmsRead.get(film.digest) === film) return;
  filmsRead.delete(film.digest);
  filmsRead.set(film.digest, film);
  for (const [digest] of filmsRead) if (filmsRead.size > MOST_SEEN) filmsRead.delete(digest);
}

/** Where the figure of a table stands: at the end of its film, if that was on stage. @type {(button: HTMLElement) => Place | null} */
export function placeInTable({ dataset }) {
  const film = filmsRead.get(dataset.of ?? "");
  return film ? { film, frame: film.frames - 1, given: Number(dataset.value ?? NaN) } : null;
}

/**
 * Buttons that copy a figure of a film as a claim: of the frame that is shown when they are pressed.
 * @type {(place: Element, name: string, shown: () => Place | null) => void}
 */
export function offerClaim(place, name, shown) {
  if (!CLAIMS.figures || CLAIMS.figures[name] === undefined) return;
  const table = /** @type {ClaimTable} */ (CLAIMS);
  const row = make("span", "fp-claim", place);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", `Copy ${name} as a claim`);
  make("span", "", row, "Copy as claim");
  const buttons = CLAIM_FORMS.map(([form, write]) => wordButton(row, "fp-form", form, async () => {
    const now = shown();
    const claim = now && claimOf(now.film, name, now.frame, table, addressHere(), now.given);
    const copied = claim && await copiedText(write(claim, table));
    status.textContent = claim ? (copied ? `Copied, ${now.film.moment(now.frame)}` : "This browser lets no page copy") : "Not defined at this moment";
  }));
  for (const button of buttons) button.title = "Value, digits, definition, source, command and check";
  const status = make("span", "fp-copied", row);
  status.setAttribute("role", "status");
}

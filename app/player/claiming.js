// Lets a person copy a figure as a claim, where its definition is explained.

/** @import { Film } from "./film.js" */
/** @import { Claim, ClaimTable } from "./types.d.ts" */
import { claimLatex, claimMoment, claimOf, claimText, isClaimable } from "./claim.js";
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

/** Whether films can be asked for the claim of a curve. @type {(name: string) => boolean} */
export function hasClaim(name) {
  return CLAIMS.figures !== undefined && isClaimable(name, /** @type {ClaimTable} */ (CLAIMS));
}

/** A claim, and its moment in words. @typedef {{ claim: Claim, moment: string }} Made */

/** The claim of a curve as it stands in a film; null where it is not defined there. @type {(place: { film: Film, frame: number } | null, name: string) => Made | null} */
export function claimInFilm(place, name) {
  const claim = place && claimOf(place.film, name, place.frame, /** @type {ClaimTable} */ (CLAIMS), addressHere());
  return claim && { claim, moment: place.film.moment(place.frame) };
}

/** The claim that a figure of a table carries, with what all of its table have in common. @type {(button: HTMLElement) => Made} */
export function claimInTable(button) {
  const shared = button.closest("[data-claims]")?.getAttribute("data-claims") ?? "{}";
  const claim = { ...JSON.parse(shared), ...JSON.parse(button.dataset.claim ?? "{}") };
  return { claim: { ...claim, link: addressHere() || claim.link }, moment: claimMoment(claim, CLAIMS.words ?? {}) };
}

/**
 * Buttons that copy the claim of a figure: the one that is true when they are pressed.
 * @type {(place: Element, name: string, made: () => Made | null) => void}
 */
export function offerClaim(place, name, made) {
  if (!CLAIMS.words) return;
  const table = /** @type {ClaimTable} */ (CLAIMS);
  const row = make("span", "fp-claim", place);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", `Copy ${name} as a claim`);
  make("span", "", row, "Copy as claim");
  const buttons = CLAIM_FORMS.map(([form, write]) => wordButton(row, "fp-form", form, async () => {
    const now = made();
    const hasCopied = now !== null && await copiedText(write(now.claim, table));
    status.textContent = now ? (hasCopied ? `Copied, ${now.moment}` : "This browser lets no page copy") : "Not defined at this moment";
  }));
  for (const button of buttons) button.title = "Value, digits, definition, source, command and check";
  const status = make("span", "fp-copied", row);
  status.setAttribute("role", "status");
}

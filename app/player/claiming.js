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

/**
 * Buttons that copy a figure of a film as a claim: of the frame that is shown when they are pressed.
 * @type {(place: Element, name: string, shown: () => { film: Film, frame: number } | null) => void}
 */
export function offerClaim(place, name, shown) {
  const { words } = CLAIMS;
  if (!words) return;
  const table = /** @type {ClaimTable} */ (CLAIMS);
  const row = make("span", "fp-claim", place);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", `Copy ${name} as a claim`);
  make("span", "", row, "Copy as claim");
  const buttons = CLAIM_FORMS.map(([form, write]) => wordButton(row, "fp-form", form, async () => {
    const now = shown();
    const claim = now && claimOf(now.film, name, now.frame, table, addressHere());
    const copied = claim && await copiedText(write(claim, table));
    status.textContent = claim ? (copied ? `Copied, ${now.film.moment(now.frame)}` : "This browser lets no page copy") : "Not defined at this moment";
  }));
  for (const button of buttons) button.title = "Value, digits, definition, source, command and check";
  const status = make("span", "fp-copied", row);
  status.setAttribute("role", "status");
}

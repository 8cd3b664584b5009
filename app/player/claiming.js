// Lets a person copy a figure as a claim, where its definition is explained.

/** @import { Film } from "./film.js" */
/** @import { Claim, ClaimTable } from "./types.d.ts" */
import { canonicalJson, claimOf, isClaimable, isDigest } from "./claim.js";
import { claimLatex, claimMoment, claimText } from "./claim_words.js";
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

/** @type {(text: string) => Promise<string>} */
async function sha256(text) {
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A claim, and its moment in words. @typedef {{ claim: Claim, moment: string }} Made */

/** A claim with the digest of its config, which films that a browser made have none of; as it is where this page may not find out. @type {(made: Made) => Promise<Made>} */
export async function withDigest({ claim, moment }) {
  const { config, digest } = claim;
  if (isDigest(digest) || !config || config.kind === "network" || !globalThis.crypto?.subtle) return { claim, moment };
  return { claim: { ...claim, digest: await sha256(canonicalJson(config, /** @type {ClaimTable} */ (CLAIMS))) }, moment };
}

/** The claim of a curve as it stands in a film; null where it is not defined there. @type {(place: { film: Film, frame: number } | null, name: string) => Promise<Made | null>} */
export async function claimInFilm(place, name) {
  if (!place) return null;
  const { film, frame } = place;
  const claim = claimOf(film, name, frame, /** @type {ClaimTable} */ (CLAIMS), addressHere());
  return claim && withDigest({ claim, moment: film.moment(frame) });
}

/** The claim that a figure of a table or a sentence carries, with what all of that have in common. @type {(button: HTMLElement) => Made} */
export function claimOn(button) {
  const shared = button.closest("[data-claims]")?.getAttribute("data-claims") ?? "{}";
  const claim = { ...JSON.parse(shared), ...JSON.parse(button.dataset.claim ?? "{}") };
  const link = addressHere() && new URL(`./${claim.link}`, location.href).href; // of the lab, with the config of the claim
  return { claim: { ...claim, link: link || claim.link }, moment: claimMoment(claim, CLAIMS.words ?? {}) };
}

/**
 * Buttons that copy the claim of a figure: the one that is true when they are pressed.
 * @type {(place: Element, name: string, made: () => Made | null | Promise<Made | null>) => void}
 */
export function offerClaim(place, name, made) {
  if (!CLAIMS.words) return;
  const table = /** @type {ClaimTable} */ (CLAIMS);
  const row = make("span", "fp-claim", place);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", `Copy ${name} as a claim`);
  make("span", "", row, "Copy as claim");
  const buttons = CLAIM_FORMS.map(([form, write]) => wordButton(row, "fp-form", form, async () => {
    const now = await made();
    const hasCopied = now !== null && await copiedText(write(now.claim, table));
    status.textContent = now ? (hasCopied ? `Copied, ${now.moment}` : "This browser lets no page copy") : "Not defined at this moment";
  }));
  for (const button of buttons) button.title = "Value, digits, definition, source, command and check";
  const status = make("span", "fp-copied", row);
  status.setAttribute("role", "status");
}

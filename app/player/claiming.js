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

/** Digests of films whose headers have none: those that a browser made. @type {WeakMap<Film, string>} */
const digests = new WeakMap();

/** The digest of a film that was made in a browser; empty where its header has one, or this page may not find out. @type {(film: Film) => Promise<string>} */
async function digestOf(film) {
  const { kind, config, digest } = film.header;
  if (kind === "network" || !config || isDigest(digest) || !globalThis.crypto?.subtle) return "";
  const known = digests.get(film) ?? await sha256(canonicalJson(config, /** @type {ClaimTable} */ (CLAIMS)));
  digests.set(film, known);
  return known;
}

/** @type {(text: string) => Promise<string>} */
async function sha256(text) {
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A claim, and its moment in words. @typedef {{ claim: Claim, moment: string }} Made */

/** The claim of a curve as it stands in a film; null where it is not defined there. @type {(place: { film: Film, frame: number } | null, name: string) => Promise<Made | null>} */
export async function claimInFilm(place, name) {
  if (!place) return null;
  const { film, frame } = place;
  const claim = claimOf(film, name, frame, /** @type {ClaimTable} */ (CLAIMS), addressHere(), await digestOf(film));
  return claim && { claim, moment: film.moment(frame) };
}

/** The claim that a figure of a table carries, with what all of its table have in common. @type {(button: HTMLElement) => Made} */
export function claimInTable(button) {
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

// Explains words and symbols where they stand, in the player and on the page around it: whatever has data-term is a button
// that opens what the glossary says of it, and whatever has data-claim one that also copies a figure as a claim, right behind itself, so that keys and screen readers find it there.

/** @import { Figure, Parts } from "./sentences.js" */
/** @import { Claim, Explained } from "./types.d.ts" */
import { allDigits } from "./claim.js";
import { claimOn, offerClaim, withDigest } from "./claiming.js";
import { CLAIMS } from "./claims.js";
import { GLOSSARY } from "./glossary.js";
import { make, within } from "./parts.js";
import { piecesOf } from "./spelt.js";

const NOTE_GAP = 6; // pixels between a term and its words, and between these and the window's edge

/** @type {{ term: HTMLElement, note: HTMLElement } | null} */
let explaining = null;
let listening = false;

/** Begins to listen to the terms of the page; once is enough for all of them. */
export function listenToTerms() {
  if (listening) return;
  listening = true;
  document.addEventListener("click", ({ target }) => {
    const term = target instanceof Element ? target.closest("[data-term], [data-claim]") : null;
    if (term instanceof HTMLElement) toggleTerm(term);
    else if (!within(target, ".fp-explained")) closeTerm();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !explaining) return;
    const { term } = explaining;
    closeTerm();
    term.focus();
    event.preventDefault(); // it closes nothing else
  }, true);
  addEventListener("scroll", ({ target }) => { if (!within(target, ".fp-explained")) closeTerm(); }, true);
  addEventListener("resize", closeTerm);
}

/** @type {(parent: Element, look: string, words: string) => HTMLButtonElement} */
function buttonThatOpens(parent, look, words) {
  const button = make("button", look, parent, words);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  return button;
}

/** A button that explains a term of the glossary. @type {(parent: Element, name: string, words: string) => HTMLButtonElement} */
export function termButton(parent, name, words) {
  const button = buttonThatOpens(parent, "lab-term", words);
  button.dataset.term = name;
  return button;
}

/** A button that copies a figure as a claim. @type {(parent: Element, figure: Figure) => void} */
function figureButton(parent, { said, claim }) {
  const button = buttonThatOpens(parent, "lab-figure", said);
  button.dataset.claim = JSON.stringify(claim);
  button.title = CLAIMS.words?.button ?? "";
}

/** @type {(place: Element, words: string, known: Set<string>) => void} */
function writeTerms(place, words, known) {
  for (const { name, said } of piecesOf(words, GLOSSARY.terms ?? {}, known)) {
    if (name) termButton(place, name, said);
    else place.append(said);
  }
}

/** Writes a sentence in which each term explains itself once, and figures can be copied. @type {(place: Element, sentence: string | Parts) => void} */
export function writeExplained(place, sentence) {
  /** @type {Set<string>} */
  const known = new Set();
  for (const part of [sentence].flat()) {
    if (typeof part === "string") writeTerms(place, part, known);
    else figureButton(place, part);
  }
}

/**
 * Fills an element with what something is: its name, words, and a formula, which is MathML of our own.
 * @type {(place: HTMLElement, explained: Explained) => void}
 */
export function explain(place, { name, words, formula }) {
  make("strong", "", place, name);
  make("span", "", place, words);
  if (formula) make("span", "fp-formula", place).innerHTML = formula;
}

/** What the figure of a claim is. @type {(claim: Claim) => Explained} */
function figureWords({ name, value, definition }) {
  const curve = GLOSSARY.curves?.[name];
  return { name: `${name} = ${allDigits(value)}`, words: curve?.words || definition, formula: curve?.formula ?? "" };
}

/** @type {(term: HTMLElement) => void} */
function toggleTerm(term) {
  const isOpen = explaining?.term === term;
  closeTerm();
  const made = term.dataset.claim ? claimOn(term) : null;
  const found = made ? figureWords(made.claim) : GLOSSARY.terms?.[term.dataset.term ?? ""];
  if (isOpen || !found) return;
  const note = make("span", "fp-explained");
  note.popover = "manual";
  note.setAttribute("role", "status");
  term.after(note);
  note.showPopover();
  explain(note, found); // once it is there, so that it is said
  if (made) offerClaim(note, made.claim.name, () => withDigest(made));
  term.setAttribute("aria-expanded", "true");
  explaining = { term, note };
  placeNote(term, note);
}

function closeTerm() {
  explaining?.term.setAttribute("aria-expanded", "false");
  explaining?.note.remove();
  explaining = null;
}

/** Under its term, or over it where that is nearer to the lower edge. @type {(term: HTMLElement, note: HTMLElement) => void} */
function placeNote(term, note) {
  const at = term.getBoundingClientRect();
  const [width, height] = [document.documentElement.clientWidth, document.documentElement.clientHeight];
  const left = Math.max(NOTE_GAP, Math.min(at.left, width - note.offsetWidth - NOTE_GAP));
  const below = at.bottom + NOTE_GAP + note.offsetHeight <= height;
  note.style.left = `${left}px`;
  note.style.top = `${below ? at.bottom + NOTE_GAP : Math.max(NOTE_GAP, at.top - NOTE_GAP - note.offsetHeight)}px`;
}

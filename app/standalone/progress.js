// How far a long run is, and the button that gives it up.

import { find, make, wordButton } from "../player/parts.js";

/** A wait that is shorter is none. */
const PATIENT_MS = 400;

export class Progress {
  /**
   * @param {HTMLElement} place
   * @param {string} label the button's
   * @param {() => void} cancel
   */
  constructor(place, label, cancel) {
    this.place = place;
    this.bar = make("progress", "", place);
    this.bar.max = 1;
    this.words = make("span", "", place);
    this.words.id = "lab-how-far";
    this.bar.setAttribute("aria-labelledby", this.words.id);
    wordButton(place, "lab-button", label, cancel);
    this.began = -Infinity;
  }

  /** Whether its button has the focus, which is lost where it is hidden. */
  get held() {
    return this.place.contains(document.activeElement);
  }

  begin() {
    this.began = performance.now();
    this.place.hidden = true;
  }

  /** @type {(share: number, words: string) => void} */
  tell(share, words) {
    if (performance.now() - this.began < PATIENT_MS) return;
    this.bar.value = share;
    this.words.textContent = words.replace(/^[a-z](?=[a-z])/, (letter) => letter.toUpperCase()); // t stays the name of the time
    this.place.hidden = false;
  }

  end() {
    this.place.hidden = true;
  }
}

/** Says what was refused or went wrong, and how many more there are. @type {(said: string[], most: number, more: [string, string]) => void} */
export function sayRefused(said, most, more) {
  const place = find(document, ".lab-refusals");
  place.replaceChildren();
  const rest = said.length - most;
  const shown = rest > 0 ? [...said.slice(0, most), more[rest > 1 ? 1 : 0].replace("{count}", String(rest))] : said;
  for (const words of shown) make("p", "lab-refusal", place, words);
}

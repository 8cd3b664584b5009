// A black screen, so that all look at the speaker.

import { make } from "./parts.js";

const BLACK = "The screen is black. B brings it back.";

export class Blackout {
  /** @param {HTMLElement} root @param {AbortSignal} signal */
  constructor(root, signal) {
    this.cover = make("div", "fp-black", root);
    this.cover.setAttribute("role", "status");
    this.cover.hidden = true;
    this.cover.addEventListener("click", () => this.turn(false), { signal });
  }

  /** Makes the screen black, or brings it back. */
  turn(on = this.cover.hidden === true) {
    this.cover.hidden = !on;
    this.cover.textContent = on ? BLACK : "";
  }
}

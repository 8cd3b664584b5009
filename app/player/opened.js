// Opens a section in the place of the scene, with a button that closes it.

import { iconButton, make } from "./parts.js";

export class Opened {
  /**
   * Takes the scene's place inside `box`, the stage.
   * @param {HTMLElement} box
   * @param {string} label
   * @param {string} what
   * @param {(open: boolean) => void} changed called when it has opened or closed
   */
  constructor(box, label, what, changed) {
    this.box = box;
    this.changed = changed;
    /** @type {HTMLElement | null} */
    this.opener = null;
    this.host = make("section", "fp-opened", box);
    this.host.setAttribute("aria-label", label);
    this.host.hidden = true;
    this.closer = iconButton(this.host, "close", `Close the ${what}`, "Escape", () => this.close());
    this.closer.classList.add("fp-close");
  }

  get isOpen() {
    return !this.host.hidden;
  }

  /** What opening and closing means to what is inside. @type {(on: boolean) => void} */
  shown(on) {
    this.box.classList.toggle("fp-has-opened", on);
  }

  /** Opens or closes; `opener` has the focus again after the end. @type {(opener: HTMLElement) => void} */
  toggle(opener) {
    if (this.close()) return;
    this.opener = opener;
    this.#show(true);
    this.closer.focus();
  }

  /** Closes; answers whether it was open. @type {() => boolean} */
  close() {
    if (!this.isOpen) return false;
    this.#show(false);
    this.opener?.focus();
    return true;
  }

  /** @type {(on: boolean) => void} */
  #show(on) {
    this.host.hidden = !on;
    this.shown(on);
    this.changed(on);
  }
}

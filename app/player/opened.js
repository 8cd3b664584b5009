// What opens in the scene's place: one section with a button that closes it.

import { iconButton, make } from "./parts.js";

export class Opened {
  /** Takes the scene's place inside `box`, the stage; `changed(open)` is called when it has opened or closed. */
  constructor(box, label, what, changed) {
    Object.assign(this, { box, changed });
    this.host = make("section", "fp-opened", box);
    this.host.setAttribute("aria-label", label);
    this.host.hidden = true;
    iconButton(this.host, "close", `Close the ${what}`, "Escape", () => this.close()).classList.add("fp-close");
  }

  get isOpen() {
    return !this.host.hidden;
  }

  /** Opens or closes; `opener` has the focus again after the end. */
  toggle(opener) {
    if (this.close()) return;
    this.opener = opener;
    this.#show(true);
    this.host.querySelector(".fp-close").focus();
  }

  /** Closes; answers whether it was open. */
  close() {
    if (!this.isOpen) return false;
    this.#show(false);
    this.opener?.focus();
    return true;
  }

  #show(on) {
    this.host.hidden = !on;
    this.box.classList.toggle("fp-has-opened", on);
    this.shown(on);
    this.changed(on);
  }
}

// How a class joins: the code, large, the address, and the same as a QR code.

import { find } from "../../player/parts.js";

export class Joining {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {URL} lab
   * @param {string} code
   */
  constructor(dialog, lab, code) {
    this.dialog = dialog;
    this.lab = lab;
    this.code = code;
    this.base = /** @type {HTMLInputElement} */ (find(dialog, ".teach-base"));
    const bases = Array.from(dialog.querySelectorAll("option"), (option) => option.value);
    this.base.value = bases[0] ?? "";
    this.base.addEventListener("input", () => this.#draw());
    find(dialog, ".teach-close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    this.#draw();
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  #draw() {
    const base = this.base.value.trim().replace(/\/+$/, "");
    const address = base && `${base.includes("://") ? base : `http://${base}`}/room/${this.code}`;
    const picture = /** @type {HTMLImageElement} */ (find(this.dialog, ".teach-qr"));
    find(this.dialog, ".teach-address").textContent = base ? `${base.replace(/^https?:\/\//, "")}/room` : "the address of this machine";
    picture.hidden = !address;
    const drawn = new URL("qr", this.lab);
    drawn.searchParams.set("of", address);
    if (address) picture.src = drawn.href;
  }
}

// The page on which a teacher opens a room, on a lesson that is served or on her own, or looks at a class that was.

import { find, make } from "../../player/parts.js";
import { Refused, asked, keepRoom, keptCodes, keptRoom } from "./asked.js";
import { showRecord } from "./past.js";

const LARGEST_DOCUMENT = 256 * 1024;

class Opening {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.lab = new URL("lab/", new URL(root.dataset.up || ".", location.href));
    this.trouble = find(root, ".teach-trouble");
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (root.querySelectorAll("[data-tour]"))) {
      const { tour, rehearsal } = button.dataset;
      const title = button.closest("article")?.querySelector("h2")?.textContent ?? "";
      button.addEventListener("click", () => this.#busy(() => this.#open(JSON.stringify({ tour }), "application/json", title, rehearsal !== undefined)));
    }
    this.#file("document", async (file) => {
      if (file.size > LARGEST_DOCUMENT) throw new Refused("This file is larger than any lesson: use a Markdown file of at most 256 kB.");
      await this.#open(await file.text(), "text/markdown", file.name, false);
    });
    this.#file("record", async (file) => {
      const answer = await asked(new URL("records", this.lab), { method: "POST", body: file, headers: { "Content-Type": "application/json" } });
      await showRecord(root, this.lab, await answer.json());
    });
    this.#listOwn();
  }

  /** @type {(name: string, act: (file: File) => Promise<void>) => void} */
  #file(name, act) {
    const field = /** @type {HTMLInputElement} */ (find(this.root, `[name=${name}]`));
    field.addEventListener("change", () => {
      const file = field.files?.[0];
      if (file) this.#busy(() => act(file)).finally(() => { field.value = ""; });
    });
  }

  /** Does something for which a person waits, and says why where it fails. @type {(act: () => Promise<void>) => Promise<void>} */
  async #busy(act) {
    this.trouble.textContent = "";
    this.root.ariaBusy = "true";
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.trouble.textContent = error.message;
      this.trouble.scrollIntoView({ block: "nearest" });
    } finally {
      this.root.ariaBusy = "false";
    }
  }

  /** @type {(body: string, kind: string, title: string, rehearsal: boolean) => Promise<void>} */
  async #open(body, kind, title, rehearsal) {
    const address = new URL(rehearsal ? "rooms?rehearsal=1" : "rooms", this.lab);
    const answer = await asked(address, { method: "POST", body, headers: { "Content-Type": kind } });
    const { code, secret } = await answer.json();
    keepRoom(code, { secret, title, opened: Date.now(), rehearsal });
    location.assign(new URL(`../teach/${code}#${secret}`, this.lab));
  }

  #listOwn() {
    const codes = keptCodes();
    const section = find(this.root, ".teach-own");
    section.hidden = !codes.length;
    for (const code of codes) {
      const room = keptRoom(code);
      const link = make("a", "", make("li", "", find(section, "ul")), code);
      link.href = new URL(`../teach/${code}`, this.lab).href;
      link.after(` ${room?.title ?? ""}${room?.rehearsal ? " (rehearsal)" : ""}`);
    }
  }
}

new Opening(find(document, ".teach-door")); // oxlint-disable-line no-new

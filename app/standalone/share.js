// The links to what is on screen, to copy: for everybody, and for a class, as app/page/share.py has them.

/** @import { LabState, PageTable } from "./types.d.ts" */
import { copied } from "../player/copying.js";
import { filled } from "../player/engine/film/said.js";
import { grouped } from "../player/engine/number_words.js";
import { make, wordButton } from "../player/parts.js";

/** @typedef {(changes: Partial<LabState>) => string} Address the whole address of the page's state, with some of it changed */

/** Whether a link to this page can lead anywhere: one that stands in another page's own text has none. @type {() => boolean} */
export function hasAddress() {
  return !["about:", "blob:", "data:"].includes(location.protocol);
}

export class Share {
  /**
   * @param {HTMLElement} place
   * @param {PageTable} table
   * @param {Address} address
   */
  constructor(place, table, address) {
    const { share } = table.words;
    this.place = place;
    this.table = table;
    this.address = address;
    make("summary", "", place, share.title);
    const box = make("div", "", place);
    if (!location.protocol.startsWith("http")) make("p", "lab-soft", box, hasAddress() ? share.disk : share.frame);
    this.run = this.#link(box, share.run, share.run_link);
    this.kept = this.#controls(box);
    const asked = make("label", "lab-share-question", box, share.question);
    this.question = make("input", "", asked);
    this.question.placeholder = share.asks;
    this.long = make("div", "", box);
    this.lesson = this.#link(box, share.class, share.class_link);
    for (const news of ["toggle", "input"]) place.addEventListener(news, () => this.write());
  }

  /** A class never sees what its teacher took away. @type {(state: LabState) => void} */
  fill({ controls }) {
    this.place.hidden = controls !== null;
    this.write();
  }

  /** Writes the links to what is on screen now. */
  write() {
    const { table: { link: { longest_question: most }, words: { share } } } = this;
    const question = this.question.value.trim();
    const count = [...question].length;
    const controls = this.kept.filter(({ checked }) => checked).map(({ value }) => value);
    this.run.value = this.address({});
    this.lesson.value = this.address({ controls, question });
    this.long.replaceChildren();
    if (count > most) make("p", "lab-refusal", this.long, filled(share.long, { count: grouped(count), most }));
    /** @type {HTMLElement} */ (this.lesson.parentElement).hidden = count > most;
  }

  /** A link in a field, and the button that copies it. @type {(box: HTMLElement, words: string, label: string) => HTMLInputElement} */
  #link(box, words, label) {
    const { share } = this.table.words;
    const row = make("div", "lab-share-link", box);
    make("p", "lab-soft", row, words);
    const field = make("input", "", row);
    field.readOnly = true;
    field.setAttribute("aria-label", label);
    const button = wordButton(row, "lab-button", share.copy, async () => {
      this.write();
      status.textContent = (await copied(field.value, () => field.select())) ? share.copied : share.selected;
    });
    button.setAttribute("aria-label", `${share.copy}: ${label}`);
    const status = make("span", "lab-soft", row);
    status.setAttribute("role", "status");
    return field;
  }

  /** @type {(box: HTMLElement) => HTMLInputElement[]} */
  #controls(box) {
    const { rows, parameters, usual_controls: usual, words: { share } } = this.table;
    const group = make("fieldset", "lab-share-controls", box);
    make("legend", "lab-soft", group, share.controls);
    return rows.filter(({ kind }) => kind).map(({ name }) => {
      const label = make("label", "", group);
      const check = make("input", "", label);
      check.type = "checkbox";
      check.value = name;
      check.defaultChecked = usual.includes(name);
      label.append(parameters.known[name].label);
      return check;
    });
  }
}

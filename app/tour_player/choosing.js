// Questions with answers to choose from: one of them, or several.

/** @import { Answer, AskedQuestion, QuestionContext, QuestionData, QuestionKind, Verdict } from "./types.d.ts" */
import { make } from "../player/parts.js";

/** Every group of answers has its own name, which browsers tell them apart by. */
let groups = 0;

/** @type {QuestionKind} */
export const CHOICE = { build: (box, question, context) => new Choosing(box, question, context, "radio"), takes: (answer, { options }) => isPlace(answer, options) };
/** @type {QuestionKind} */
export const SEVERAL = {
  build: (box, question, context) => new Choosing(box, question, context, "checkbox"),
  takes: (answer, { options }) => Array.isArray(answer) && answer.every((place) => isPlace(place, options)),
};

/** @type {(value: unknown, options: string[]) => value is number} */
function isPlace(value, options) {
  return Number.isInteger(value) && Number(value) in options;
}

/** @implements {AskedQuestion} */
class Choosing {
  /**
   * @param {HTMLElement} box
   * @param {QuestionData} question
   * @param {QuestionContext} context
   * @param {"radio" | "checkbox"} type
   */
  constructor(box, question, { changed }, type) {
    this.question = question;
    this.several = type === "checkbox";
    groups += 1;
    const list = make("div", "tour-options", box);
    this.rows = question.options.map((html) => {
      const row = make("label", "tour-option", list);
      const input = make("input", "", row);
      input.type = type;
      input.name = `tour-answers-${groups}`;
      input.addEventListener("change", changed);
      make("span", "tour-option-words", row).innerHTML = html; // escaped by the reader of documents
      return { row, input };
    });
  }

  /** @returns {Answer | null} */
  get answer() {
    const chosen = this.rows.flatMap(({ input }, place) => (input.checked ? [place] : []));
    if (!chosen.length) return null;
    return this.several ? chosen : chosen[0];
  }

  /** @param {Answer} answer */
  put(answer) {
    const chosen = /** @type {number[]} */ ([answer].flat());
    this.rows.forEach(({ input }, place) => { input.checked = chosen.includes(place); });
  }

  lock() {
    for (const { row, input } of this.rows) {
      input.disabled = true;
      row.classList.add("tour-locked");
    }
  }

  /** @returns {Verdict} */
  tell() {
    const { rows, answer, question: { right } } = this;
    rows.forEach(({ row, input }, place) => {
      const isRight = right.includes(place);
      const mark = isRight ? "right" : input.checked ? "wrong" : "";
      if (mark) row.classList.add(`tour-${mark}`);
      const said = isRight ? (input.checked ? "right, and your answer" : "right") : input.checked ? "your answer, not right" : "";
      if (said) make("span", "fp-unseen", row, ` (${said})`);
    });
    if (answer === null) return { right: null, words: right.length > 1 ? "These are right." : "This one is right." };
    const alike = rows.filter(({ input }, place) => input.checked === right.includes(place)).length;
    if (alike === rows.length) return { right: true, words: this.several ? "Right, all of them." : "Right." };
    return { right: false, words: this.several ? `${alike} of ${rows.length} are as you said.` : "Not this one." };
  }

  destroy() {
    this.rows = [];
  }
}

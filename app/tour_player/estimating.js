// Questions for a number that the run decides.

/** @import { Answer, AskedQuestion, QuestionContext, QuestionData, QuestionKind, Verdict } from "./types.d.ts" */
import { figure } from "../player/numbers.js";
import { make } from "../player/parts.js";

/** @type {QuestionKind} */
export const NUMBER = {
  build: (box, question, context) => new Estimating(box, question, context),
  takes: (answer) => Number.isFinite(answer),
};

/**
 * The number that a person wrote: with a comma or a point before its decimals, with commas between thousands, as a share
 * or in powers of ten; null for anything else.
 * @type {(text: string) => number | null}
 */
export function numberOf(text) {
  const plain = text.trim().replaceAll("−", "-").replace(/\s+/g, "");
  const grouped = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", ".");
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)(%|°)?$/i.exec(grouped);
  const value = found ? Number(found[1]) : NaN;
  return Number.isFinite(value) ? value : null;
}

/** @implements {AskedQuestion} */
class Estimating {
  /**
   * @param {HTMLElement} box
   * @param {QuestionData} question
   * @param {QuestionContext} context
   */
  constructor(box, question, { changed }) {
    this.question = question;
    const row = make("label", "tour-number", box);
    make("span", "", row, "Your number");
    this.input = make("input", "", row);
    this.input.inputMode = "decimal";
    this.input.autocomplete = "off";
    this.input.addEventListener("input", changed);
  }

  /** @returns {Answer | null} */
  get answer() {
    return numberOf(this.input.value);
  }

  /** @param {Answer} answer */
  put(answer) {
    this.input.value = String(answer).replace("-", "−");
  }

  lock() {
    this.input.readOnly = true;
  }

  /** @returns {Verdict} */
  tell() {
    const { answer } = this;
    const truth = Number(this.question.truth), tolerance = Number(this.question.tolerance);
    const said = figure(truth);
    if (answer === null) return { right: null, words: `In this run it is ${said}.` };
    const right = Math.abs(Number(answer) - truth) <= tolerance;
    return { right, words: right ? `Right: in this run it is ${said}.` : `Not quite: in this run it is ${said}.` };
  }

  destroy() {
    this.input.remove();
  }
}

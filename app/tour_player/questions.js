// One question on the page: its words, what is answered with, its buttons, the verdict and the reason.

/** @import { Answer, Answered, QuestionContext, QuestionData, TourMode, Verdict } from "./types.d.ts" */
import { make, wordButton } from "../player/parts.js";
import { QUESTION_KINDS } from "./kinds.js";

/**
 * @typedef {object} QuestionTold what a question tells the tour
 * @property {(answer: Answer) => void} answered an answer was given, or changed
 * @property {() => void} told the right answer was told
 */

export class AskedBox {
  /**
   * @param {HTMLElement} place
   * @param {QuestionData} question
   * @param {Omit<QuestionContext, "changed">} context
   * @param {{ told: QuestionTold, mode: TourMode, before: Answered | undefined }} around `before` is what was answered before
   */
  constructor(place, question, context, { told, mode, before }) {
    const kind = QUESTION_KINDS[question.kind];
    this.question = question;
    this.mode = mode;
    this.news = told;
    this.isTold = false;
    this.came = false;
    /** Whether the film is on its way to where all of the verdict is said. */
    this.arriving = false;
    this.ends = context.ends;
    this.form = make("form", "tour-question", place);
    const set = make("fieldset", "", this.form);
    make("legend", "tour-prompt", set).innerHTML = question.prompt; // escaped by the reader of documents, as the reason is
    this.asked = kind?.build(make("div", "tour-answer", set), question, { ...context, changed: () => this.#changed() }) ?? null;
    this.buttons = make("div", "tour-ask", this.form);
    this.submit = make("button", "tour-button tour-primary", this.buttons, "Answer");
    this.submit.type = "submit";
    this.showMe = wordButton(this.buttons, "tour-button", "Show me", () => this.tell());
    this.verdict = make("div", "tour-verdict", this.form);
    this.verdict.tabIndex = -1;
    this.verdict.hidden = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#give();
    });
    this.showMe.hidden = mode !== "alone";
    if (before?.answer !== null && before !== undefined && kind?.takes(before.answer, question)) this.asked?.put(before.answer);
    if (before?.told) this.#tellNow();
    this.#changed();
  }

  /** Whether the words and what is answered with can be seen as they stand on the page, or as well as they ever will. */
  get inSight() {
    if (this.came) return true; // in large type a question may be taller than its column
    const box = this.form.getBoundingClientRect();
    const frame = this.form.parentElement?.parentElement?.getBoundingClientRect();
    const bottom = Math.min(window.innerHeight, frame?.height ? frame.bottom : Infinity);
    return box.top >= 0 && (box.bottom <= bottom || box.top < bottom / 4);
  }

  /** Comes into sight, and takes the focus. */
  come() {
    this.came = true;
    this.form.scrollIntoView({ block: this.form.offsetHeight > window.innerHeight / 2 ? "start" : "nearest" });
    const first = this.form.querySelector("input, [role=slider]");
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  }

  /** Tells the right answer, and goes on. */
  tell() {
    if (this.isTold) return;
    this.#tellNow();
    this.arriving = true;
    this.news.told();
    this.verdict.focus({ preventScroll: true });
    this.verdict.scrollIntoView({ block: "nearest" });
  }

  /** The film is at this frame. @type {(frame: number) => void} */
  follow(frame) {
    this.asked?.follow?.(frame);
    if (!this.arriving || frame < this.ends) return;
    this.arriving = false;
    if (this.verdict.getBoundingClientRect().top < window.innerHeight) this.verdict.scrollIntoView({ block: "nearest" });
  }

  destroy() {
    this.asked?.destroy();
    this.form.remove();
  }

  #tellNow() {
    this.isTold = true;
    this.asked?.lock();
    this.buttons.hidden = true;
    const { right, words } = this.asked?.tell() ?? { right: null, words: "" };
    this.verdict.hidden = false;
    this.verdict.dataset.right = String(right);
    if (words) make("p", "tour-verdict-words", this.verdict, words);
    make("p", "tour-reason", this.verdict).innerHTML = this.question.reason;
  }

  #changed() {
    this.submit.disabled = this.asked?.answer === null;
  }

  /** Alone the right answer follows at once; a student may change an answer until the teacher tells it. */
  #give() {
    const answer = this.asked?.answer ?? null;
    if (answer === null || this.isTold) return;
    this.news.answered(answer);
    if (this.mode === "student") this.submit.textContent = "Answer again";
    else this.tell();
  }
}

// What a class has answered in the present scene, question by question: how many, on request the picture, and the button
// that reveals.

/** @import { Film } from "../../player/film.js" */
/** @import { QuestionData, SceneData } from "../types.d.ts" */
/** @import { Tally } from "./types.d.ts" */
import { make, wordButton } from "../../player/parts.js";
import { Gathered } from "../gathered.js";

/** @typedef {{ box: HTMLElement, count: HTMLElement, picture: HTMLElement, gathered: Gathered | null, show: HTMLButtonElement, reveal: HTMLButtonElement, film: Film | null }} Row */

export class ClassAnswers {
  /**
   * @param {HTMLElement} box
   * @param {(key: string) => Promise<Film>} films
   * @param {((question: number) => void) | null} reveal null where there is nothing left to reveal
   */
  constructor(box, films, reveal) {
    this.box = box;
    this.films = films;
    this.reveal = reveal;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {SceneData | null} */
    this.scene = null;
    /** The places of the questions whose answers a teacher wants to see. @type {Set<number>} */
    this.wanted = new Set();
    /** @type {{ tallies: Tally[], revealed: boolean[], here: number } | null} */
    this.last = null;
  }

  /** Whether there is a picture that new answers change. */
  get isShown() {
    return this.rows.some(({ picture }) => !picture.hidden);
  }

  /** Turns to another scene, of which nothing is known yet. @type {(scene: SceneData) => void} */
  turnTo(scene) {
    for (const { gathered } of this.rows) gathered?.destroy();
    this.box.replaceChildren();
    this.scene = scene;
    this.wanted.clear();
    this.last = null;
    this.rows = scene.questions.map((question, place) => this.#row(question, place));
    if (scene.film) {
      this.films(scene.film.digest).then((film) => {
        if (this.scene !== scene) return;
        for (const row of this.rows) row.film = film;
        this.#fill();
      }, () => {}); // the stage says why
    }
  }

  /** @type {(tallies: Tally[], revealed: boolean[], here: number) => void} */
  show(tallies, revealed, here) {
    this.last = { tallies, revealed, here };
    this.#fill();
  }

  /** @type {(question: QuestionData, place: number) => Row} */
  #row(question, place) {
    const box = make("article", "teach-question", this.box);
    if ((this.scene?.questions.length ?? 0) > 1) make("h3", "", box).innerHTML = question.prompt; // escaped by the reader of documents
    const count = make("p", "teach-count", box);
    const picture = make("div", "teach-picture", box);
    const buttons = make("div", "teach-two", box);
    const show = wordButton(buttons, "", "Show answers", () => {
      if (!this.wanted.delete(place)) this.wanted.add(place);
      this.#fill();
    });
    const reveal = wordButton(buttons, "", "Reveal", () => this.reveal?.(place));
    picture.hidden = true;
    return { box, count, picture, gathered: null, show, reveal, film: null };
  }

  #fill() {
    const { scene, last, rows } = this;
    if (!scene || !last) return;
    rows.forEach((row, place) => {
      const tally = last.tallies[place], revealed = last.revealed[place] ?? false;
      if (!tally) return;
      const of = last.here ? ` of ${Math.max(last.here, tally.answered)}` : "";
      row.count.textContent = `${tally.answered}${of} answered`;
      row.picture.hidden = !this.wanted.has(place) && !revealed;
      row.show.hidden = revealed;
      row.show.textContent = row.picture.hidden ? "Show answers" : "Hide answers";
      row.reveal.hidden = revealed || !this.reveal;
      if (row.picture.hidden) return;
      row.gathered ??= new Gathered(row.picture);
      row.gathered.show({ question: scene.questions[place], result: tally, film: row.film, scene: scene.film, revealed });
    });
  }
}

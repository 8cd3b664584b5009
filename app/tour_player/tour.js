// The player of tours: one scene at a time, its words, its film, its questions. It owns which scene is on stage.

/** @import { Answer, Answered, TourData, TourMode, TourOptions, TourProgress } from "./types.d.ts" */
import { Messages } from "../player/messages.js";
import { make, wordButton } from "../player/parts.js";
import { progressOf } from "./progress.js";
import { AskedBox } from "./questions.js";
import { SceneStage } from "./scene_stage.js";
import { Talk } from "./talk.js";
import { buildTour } from "./tour_layout.js";

export class TourPlayer {
  /**
   * Builds the player; `restore` or `goTo` shows the first scene.
   * @param {HTMLElement} root
   * @param {TourData} data
   * @param {TourOptions} options
   */
  constructor(root, data, { Plotly, films, knobs = null, told = {}, mode = "alone", lab = null }) {
    this.root = root;
    this.data = data;
    this.films = films;
    this.buildKnobs = knobs;
    this.told = told;
    /** @type {TourMode} */
    this.mode = mode;
    this.lab = lab;
    this.parts = buildTour(root, data, { goTo: (scene) => this.goTo(scene), back: () => this.back(), next: () => this.next() });
    this.stage = new SceneStage(this.parts.stage, Plotly, films, (frame) => this.asked.forEach((each) => each.follow(frame)));
    this.scene = -1;
    /** @type {TourProgress["answers"]} */
    this.answers = {};
    /** The questions of the present scene. @type {AskedBox[]} */
    this.asked = [];
    /** @type {{ destroy: () => void } | null} */
    this.knobs = null;
    this.abort = new AbortController();
    this.messages = new Messages({ goto: ({ scene }) => this.#goAsTold(scene), next: () => this.#move(1), back: () => this.#move(-1) }, this.abort.signal);
    this.talk = mode === "alone" ? new Talk(this, this.abort.signal) : null;
    this.#listen(this.abort.signal);
  }

  /** How far a person is. @returns {TourProgress} */
  get progress() {
    return { scene: Math.max(0, this.scene), answers: this.answers };
  }

  /** Goes on where a person was; what is no progress in a tour is its beginning. @type {(progress: unknown) => void} */
  restore(progress) {
    const kept = progressOf(progress);
    this.answers = kept?.answers ?? {};
    this.#show(kept?.scene ?? 0);
  }

  /** Shows a scene from its beginning. @type {(scene: number) => void} */
  goTo(scene) {
    this.#show(scene);
    this.parts.title.focus({ preventScroll: true });
    if (this.root.getBoundingClientRect().top < 0) this.root.scrollIntoView(); // a phone stands where the scene before ended
    this.told.moved?.(this.scene);
  }

  /**
   * To the next stop: where the film waits for an answer, the question if it is out of sight, its answer, the next scene; in
   * a talk where the film ends, too.
   */
  next() {
    const open = this.asked.find(({ isTold }) => !isTold);
    if (this.stage.moves && (open || this.mode === "talk")) this.stage.arrive();
    else if (open && !open.inSight) open.come();
    else if (open && this.mode !== "student") open.tell();
    else if (this.scene < this.data.scenes.length - 1) this.goTo(this.scene + 1);
  }

  /** To the scene before. */
  back() {
    if (this.scene > 0) this.goTo(this.scene - 1);
  }

  /** The page around asks for a scene, by its place or its id; hands back why there is none. @type {(wanted: unknown) => string} */
  #goAsTold(wanted) {
    const { scenes } = this.data;
    const place = typeof wanted === "string" ? scenes.findIndex(({ id }) => id === wanted) : wanted;
    if (Number.isInteger(place) && Number(place) >= 0 && Number(place) < scenes.length) {
      this.goTo(Number(place));
      return "";
    }
    return `scene = ${JSON.stringify(wanted)?.slice(0, 80)} is no scene of this tour: use 0 to ${scenes.length - 1}, or an id such as "${scenes[0].id}".`;
  }

  /** @type {(by: 1 | -1) => string} */
  #move(by) {
    if (by > 0) this.next();
    else this.back();
    return "";
  }

  /** Tells the right answer of a question, whether its scene is on stage or not. @type {(scene: number, question: number) => void} */
  reveal(scene, question) {
    if (scene === this.scene) this.asked[question]?.tell();
    else this.#keep(scene, question, { told: true });
  }

  destroy() {
    this.abort.abort();
    this.#clear();
    this.stage.destroy();
    this.root.replaceChildren();
  }

  /** @type {(scene: number) => void} */
  #show(scene) {
    this.#clear();
    const { data: { scenes }, parts, root } = this;
    this.scene = Math.min(scenes.length - 1, Math.max(0, scene));
    const { title, html, film } = scenes[this.scene];
    parts.title.textContent = title;
    parts.text.innerHTML = html; // written by the reader of documents, which escapes all that is not its own
    root.classList.toggle("tour-plain", film === null);
    root.dataset.scene = String(this.scene);
    parts.words.scrollTop = 0;
    parts.live.textContent = `Scene ${this.scene + 1} of ${scenes.length}`;
    this.#ask();
    this.#fillFoot();
    this.talk?.follow(this.scene);
    this.messages.tell("scene", { scene: this.scene, scenes: scenes.length, id: scenes[this.scene].id, title });
    const shown = this.scene;
    this.stage.show(film, this.#isDone ? (this.asked.length ? "no more" : "nothing") : "still").then(() => { if (shown === this.scene) this.#offerKnobs(); });
    this.#progressed();
  }

  /** Whether all that the scene asks was told. */
  get #isDone() {
    return this.asked.every(({ isTold }) => isTold);
  }

  #ask() {
    const { answers, data, mode, scene } = this;
    const { film, questions } = data.scenes[scene];
    const context = { film: film && this.films(film.digest), until: film?.until ?? 0, ends: film?.then ?? 0 };
    context.film?.catch(() => {}); // the stage says so
    this.asked = questions.map((question, place) => new AskedBox(this.parts.questions, question, context, {
      mode,
      before: answers[`${scene}.${place}`],
      told: { answered: (answer) => this.#answered(scene, place, answer), told: () => this.#revealed(scene, place) },
    }));
  }

  /** @type {(scene: number, question: number, answer: Answer) => void} */
  #answered(scene, question, answer) {
    this.#keep(scene, question, { answer });
    this.told.answered?.(scene, question, answer);
  }

  /** The film goes on once all is told. @type {(scene: number, question: number) => void} */
  #revealed(scene, question) {
    this.#keep(scene, question, { told: true });
    this.told.revealed?.(scene, question);
    if (!this.#isDone) return;
    this.stage.goOn();
    this.#offerFilm();
    this.#offerKnobs();
  }

  /** On a phone the film goes on out of sight: this leads to it, and shows again what was asked about. */
  #offerFilm() {
    const { parts, stage } = this;
    if (parts.stage.hidden) return;
    wordButton(parts.watch, "tour-button", "See the film", () => {
      parts.stage.scrollIntoView();
      stage.goOn();
    });
  }

  /** @type {(scene: number, question: number, change: Partial<Answered>) => void} */
  #keep(scene, question, change) {
    const place = `${scene}.${question}`;
    this.answers = { ...this.answers, [place]: { ...(this.answers[place] ?? { answer: null, told: false }), ...change } };
    this.#progressed();
  }

  #progressed() {
    this.#mark();
    this.told.progressed?.(this.progress);
  }

  /** Marks where in the tour this is. */
  #mark() {
    const { parts, scene, data: { scenes } } = this;
    for (const places of [parts.items, parts.dots]) {
      places.forEach((each, place) => {
        if (place === scene) each.setAttribute("aria-current", "step");
        else each.removeAttribute("aria-current");
      });
    }
    parts.where.textContent = `${scene + 1} / ${scenes.length}`;
    parts.back.disabled = scene === 0;
    parts.next.disabled = scene === scenes.length - 1 && (this.#isDone || this.mode === "student");
  }

  #fillFoot() {
    const { film } = this.data.scenes[this.scene];
    const { foot } = this.parts;
    if (film?.elsewhere) make("span", "", foot, film.elsewhere);
    if (!film || film.link === null || !this.lab) return;
    const link = make("a", "tour-lab", foot, "Back to the lab with this state");
    const { lab, stage } = this;
    const leads = () => { link.href = lab(film, stage.linkOf(film)); };
    leads();
    for (const chosen of ["focus", "pointerdown", "click"]) link.addEventListener(chosen, leads);
  }

  /** Knobs stand under a scene that has told all: before, they would tell the answer. */
  #offerKnobs() {
    const { film } = this.data.scenes[this.scene];
    if (this.knobs || !film?.knobs.length || !this.buildKnobs || !this.stage.staged || !this.#isDone) return;
    this.knobs = this.buildKnobs(this.parts.knobs, film, (turned) => this.stage.turn(turned));
  }

  #clear() {
    for (const asked of this.asked) asked.destroy();
    this.knobs?.destroy();
    this.knobs = null;
    this.parts.watch.replaceChildren();
    this.parts.knobs.replaceChildren();
    this.parts.foot.replaceChildren();
  }

  /** @type {(signal: AbortSignal) => void} */
  #listen(signal) {
    document.addEventListener("keydown", (event) => {
      const move = { PageDown: () => this.next(), PageUp: () => this.back() }[event.key];
      if (!move || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move();
    }, { signal });
    this.parts.words.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      const place = this.data.scenes.findIndex(({ id }) => link?.getAttribute("href") === `#${id}`);
      if (place < 0) return;
      event.preventDefault();
      this.goTo(place);
    }, { signal });
  }
}

// A teacher's page: she moves the tour, and all phones with it; she sees who is here, what was answered, and reveals.

/** @import { TourData } from "../types.d.ts" */
/** @import { Results, RoomState } from "./types.d.ts" */
import { find, wordButton } from "../../player/parts.js";
import { knobsWith } from "../scene_knobs.js";
import { TourPlayer } from "../tour.js";
import { asked, forgetRoom, keepRoom, keptRoom } from "./asked.js";
import { ClassAnswers } from "./class_answers.js";
import { Connection } from "./connection.js";
import { Follower } from "./following.js";
import { Joining } from "./joining.js";
import { engineOfPage, plotlyOfPage } from "./library.js";
import { Mover } from "./moving.js";
import { Playhead } from "./playhead.js";
import { Rehearsal, STUDENTS } from "./rehearsal.js";
import { fillMenu } from "./room_menu.js";
import { ServedTour, wholeAnswer } from "./served.js";
import { StartsBox } from "./starts.js";

const RESULTS_MS = 1000;
const NO_SECRET = "Only the browser that opened this room can move it: open its link there, or the one that was copied from it.";

class TeacherPage {
  /**
   * @param {HTMLElement} root
   * @param {string} secret
   */
  constructor(root, secret) {
    const { code = "", up = "" } = root.dataset;
    const lab = new URL(`${up}lab/`, location.href);
    this.root = root;
    this.code = code;
    this.secret = secret;
    this.room = new URL(`rooms/${code}`, lab);
    this.headers = { Authorization: `Bearer ${secret}` };
    this.served = new ServedTour(lab, new URL(`${this.room.href}/tour`), this.headers);
    this.trouble = find(document, ".teach-trouble");
    this.mover = new Mover(this.room, secret, (words) => { this.trouble.textContent = words; });
    this.joining = new Joining(/** @type {HTMLDialogElement} */ (find(document, ".teach-join")), lab, code);
    find(document, ".teach-code").addEventListener("click", () => this.joining.open());
    this.answers = new ClassAnswers(find(root, ".teach-answers"), this.served.films, (question) => this.tour?.reveal(this.tour.scene, question));
    this.steps = this.#buildSteps(find(root, ".teach-steps"));
    /** @type {RoomState | null} */
    this.state = null;
    /** @type {TourPlayer | null} */
    this.tour = null;
    /** @type {Follower | null} */
    this.follower = null;
    /** @type {Rehearsal | null} */
    this.rehearsal = null;
    /** True while the room moves the tour, and not the tour the room. */
    this.isLed = false;
    this.starts = new StartsBox(find(root, ".room-starts"), this.room);
    this.#listen();
    this.#begin();
    setInterval(() => this.#look(), RESULTS_MS);
  }

  /** Listens by a key of hers, which leaves her a place however many others listen. */
  async #listen() {
    const { room, headers } = this;
    const { watch } = await wholeAnswer(new URL(`${room.href}/watch`), { headers }).then((answer) => answer.json(), () => ({ watch: 1 }));
    new Connection(room, `watch=${watch}`, { // oxlint-disable-line no-new
      heard: (state, change) => this.#hear(state, change),
      line: (is) => this.#line(is, is === "lost" ? "Connecting again…" : ""),
      over: (words) => this.#line("over", words),
    });
  }

  /** @type {(place: HTMLElement) => Record<"back" | "pace" | "starts", HTMLButtonElement>} */
  #buildSteps(place) {
    const back = wordButton(place, "", "Back", () => this.tour?.back());
    wordButton(place, "teach-next", "Next", () => this.tour?.next());
    const pace = wordButton(place, "", "Let them roam", () => this.mover.move({ pace: this.state?.pace === "free" ? "teacher" : "free" }));
    const starts = wordButton(place, "", "Everyone's start", () => this.mover.move({ starts: !this.state?.starts }));
    starts.hidden = true;
    return { back, pace, starts };
  }

  async #begin() {
    const place = find(this.root, ".room-tour");
    try {
      const { room, served, headers } = this;
      const [data, { notes }] = await Promise.all([
        served.data(), wholeAnswer(new URL(`${room.href}/notes`), { headers }).then((answer) => answer.json()),
      ]);
      fillMenu({ ...this, isRehearsal: this.state?.rehearsal ?? false, end: () => this.mover.move({ ended: true }) });
      this.#play(place, data, notes);
    } catch (error) {
      place.textContent = "";
      this.trouble.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @type {(place: HTMLElement, data: TourData, notes: string[]) => void} */
  #play(place, data, notes) {
    const tour = new TourPlayer(place, data, {
      Plotly: plotlyOfPage(), films: this.served.films, mode: "talk", knobs: knobsWith(() => engineOfPage(this.root.dataset)),
      told: {
        moved: (scene) => {
          if (!this.isLed) this.mover.move({ scene });
          this.#turned(data, notes, scene);
        },
        revealed: (scene, question) => {
          if (!this.isLed) this.mover.move({ revealed: [...(this.mover.waiting.revealed ?? this.state?.revealed ?? []), [scene, question]] });
        },
      },
    });
    this.tour = tour;
    this.follower = new Follower(tour);
    const told = (this.state?.revealed ?? []).map(([scene, question]) => [`${scene}.${question}`, { answer: null, told: true }]);
    tour.restore({ scene: this.state?.scene ?? 0, answers: Object.fromEntries(told) });
    this.#turned(data, notes, tour.scene);
    new Playhead(tour, (frame) => this.mover.move({ frame })); // oxlint-disable-line no-new
    if (this.state?.rehearsal) this.rehearsal = new Rehearsal(this.room, this.code, data, this.served.films);
    if (this.state) this.#follow(this.state, {});
  }

  /** @type {(data: TourData, notes: string[], scene: number) => void} */
  #turned(data, notes, scene) {
    this.answers.turnTo(data.scenes[scene]);
    find(this.root, ".tour-list summary").textContent = `Scene ${scene + 1} of ${data.scenes.length}`;
    const box = find(this.root, ".teach-notes");
    find(box, "div").innerHTML = notes[scene] ?? ""; // written by the reader of documents, which escapes
    box.hidden = !notes[scene];
    this.steps.back.disabled = scene === 0;
    this.steps.starts.hidden = data.scenes[scene].film?.screen !== "playground";
    this.#look();
  }

  /** @type {(state: RoomState, change: Partial<RoomState>) => void} */
  #hear(state, change) {
    const first = this.state === null;
    this.state = state;
    const { rehearsal, here, ended } = state;
    find(document, ".teach-rehearsal").hidden = !rehearsal;
    find(document, ".teach-here").textContent = `${here + simulatedIn(state)} here`;
    this.steps.pace.textContent = state.pace === "free" ? "Call them back" : "Let them roam";
    this.steps.starts.textContent = state.starts ? "Hide the starts" : "Everyone's start";
    if (ended) this.#line("over", "This room has ended.");
    if (first && !rehearsal && !ended && here === 0) this.joining.open();
    this.#follow(state, change);
    if (change.answered !== undefined) this.#look();
  }

  /** Another of her devices has moved the room, or it is as she moved it. @type {(state: RoomState, change: Partial<RoomState>) => void} */
  #follow(state, change) {
    this.rehearsal?.attend(state);
    this.starts.hear(state, null);
    if (this.mover.isAhead) return;
    this.isLed = true;
    const { frame, ...rest } = change;
    this.follower?.hear(state, frame === this.mover.said.frame ? rest : change, true);
    this.isLed = false;
  }

  /** Looks at what was answered in the scene on stage. */
  async #look() {
    const { tour, state, answers, room, secret } = this;
    if (!tour || document.hidden || !tour.data.scenes[tour.scene].questions.length) return;
    const { scene } = tour;
    const found = await asked(new URL(`${room.href}/results?scene=${scene}`), {}, secret).then((answer) => answer.json(), () => null);
    if (!found || tour.scene !== scene) return;
    const { scenes: [{ questions }], here } = /** @type {Results} */ (found);
    answers.show(questions, questions.map((_, question) => tour.answers[`${scene}.${question}`]?.told ?? false), here + simulatedIn(state));
  }

  /** @type {(is: string, words: string) => void} */
  #line(is, words) {
    const line = find(document, ".teach-line");
    line.dataset.line = is;
    line.textContent = words;
  }
}

/** How many students of a room are simulated; one that has ended may say no more what it was. @type {(state: RoomState | null) => number} */
function simulatedIn(state) {
  return state?.rehearsal ? STUDENTS : 0;
}

/** The secret that a link brought, or that this browser keeps; the address bar, which a class sees, does not. @type {(code: string) => string} */
function secretOf(code) {
  const known = keptRoom(code), brought = location.hash.slice(1);
  const secret = brought || known?.secret || "";
  const room = { title: document.querySelector("h1")?.textContent ?? "", opened: Date.now(), rehearsal: false, ...known, secret };
  if (brought && keepRoom(code, room)) history.replaceState(null, "", location.pathname);
  return secret;
}

const main = find(document, ".teach-main");
const given = secretOf(main.dataset.code ?? "");
if (given) new TeacherPage(main, given); // oxlint-disable-line no-new
else {
  find(document, ".teach-trouble").textContent = NO_SECRET;
  forgetRoom(main.dataset.code ?? "");
}

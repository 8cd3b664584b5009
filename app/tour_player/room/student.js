// A student's page: the tour of a room, which follows the teacher, sends answers, and keeps no name.

/** @import { TourData, TourProgress } from "../types.d.ts" */
/** @import { RoomState } from "./types.d.ts" */
import { find } from "../../player/parts.js";
import { progressOf } from "../progress.js";
import { knobsWith } from "../scene_knobs.js";
import { TourPlayer } from "../tour.js";
import { Answers, Connection, keep, kept, newToken } from "./connection.js";
import { Follower } from "./following.js";
import { engineOfPage, plotlyOfPage } from "./library.js";
import { OwnStart } from "./own_start.js";
import { Revealed } from "./revealed.js";
import { ServedTour } from "./served.js";
import { StartsBox } from "./starts.js";

const LINES = { open: "Following your teacher", free: "At your own pace", lost: "Connecting again…", sending: "Sending your answer…", sent: "Your answer has arrived" };
/** For so long it is said that an answer has arrived. */
const SAID_MS = 3000;

class StudentPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    const { code = "", up = "" } = root.dataset;
    const lab = new URL(`${up}lab/`, location.href);
    this.root = root;
    this.room = new URL(`rooms/${code}`, lab);
    this.line = find(document, ".room-line");
    this.key = `collapse-lab-${code}`;
    const session = () => sessionStorage;
    const who = kept(session, `${this.key}-who`) ?? newToken();
    keep(session, `${this.key}-who`, who);
    this.session = session;
    /** @type {RoomState | null} */
    this.state = null;
    /** @type {number | null} */
    this.seat = null;
    /** @type {TourPlayer | null} */
    this.tour = null;
    /** @type {Follower | null} */
    this.follower = null;
    this.revealed = new Revealed(this.room);
    /** @type {ReturnType<typeof engineOfPage> | null} */
    this.loaded = null;
    this.starts = new StartsBox(find(root, ".room-starts"), this.room, (box) => this.tour && new OwnStart(box, this.tour, () => this.#engine()));
    this.answers = new Answers(this.room, who, (_scene, _question, is, refusal) => this.#say(is, refusal));
    this.connection = new Connection(this.room, `who=${who}`, {
      heard: (state, change) => this.#hear(state, change),
      seat: (seat) => this.#sit(seat),
      line: (is) => this.#say(is),
      over: (words) => this.#over(words),
    });
    this.#begin(new ServedTour(lab, new URL(`${this.room.href}/tour`)));
  }

  /** @type {(served: ServedTour) => Promise<void>} */
  async #begin(served) {
    const waiting = find(this.root, ".room-waiting");
    try {
      const data = await served.data();
      await this.revealed.learn(data, this.state?.revealed ?? []);
      waiting.remove();
      this.#play(data, served);
    } catch (error) {
      waiting.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** What computes here, fetched when something first asks for it. */
  #engine() {
    this.loaded ??= engineOfPage(this.root.dataset);
    return this.loaded;
  }

  /** @type {(data: TourData, served: ServedTour) => void} */
  #play(data, served) {
    const tour = new TourPlayer(find(this.root, ".room-tour"), data, {
      Plotly: plotlyOfPage(), films: served.films, mode: "student", knobs: knobsWith(() => this.#engine()),
      told: {
        answered: (scene, question, answer) => this.answers.send(scene, question, answer),
        progressed: (progress) => keep(this.session, `${this.key}-answers`, JSON.stringify(progress)),
      },
    });
    this.tour = tour;
    this.follower = new Follower(tour);
    tour.restore(this.#kept());
    if (this.state) this.#follow(this.state, {});
  }

  /** Where this tab was and what it has answered; where the room is, and what is revealed, the room says. @type {() => TourProgress} */
  #kept() {
    const { state } = this;
    const before = progressOf(textAsJson(kept(this.session, `${this.key}-answers`)));
    const answers = { ...before?.answers };
    for (const [scene, question] of this.revealed.among(state?.revealed ?? [])) {
      const place = `${scene}.${question}`;
      answers[place] = { answer: answers[place]?.answer ?? null, told: true };
    }
    const roams = state?.pace === "free" && before;
    return { scene: roams ? before.scene : state?.scene ?? 0, answers };
  }

  /** @type {(state: RoomState, change: Partial<RoomState>) => void} */
  #hear(state, change) {
    this.state = state;
    if (state.ended) this.#over("The class is over. Thank you for taking part.");
    this.#follow(state, change);
    this.root.dataset.scene = String(state.scene);
  }

  /** @type {(state: RoomState, change: Partial<RoomState>) => void} */
  #follow(state, change) {
    const follows = state.pace === "teacher" && !state.ended;
    this.root.classList.toggle("room-follows", follows);
    this.follower?.hear({ ...state, revealed: this.revealed.among(state.revealed) }, change, follows);
    this.starts.hear(state, this.seat);
    this.#learn().catch(({ message }) => this.#over(message));
  }

  /** What was revealed is told once it is known. */
  async #learn() {
    const { tour, state } = this;
    if (tour && state && (await this.revealed.learn(tour.data, state.revealed))) this.#follow(this.state ?? state, {});
  }

  /** @type {(seat: number) => void} */
  #sit(seat) {
    this.seat = seat + 1;
    find(document, ".room-seat").textContent = `No. ${this.seat}`;
  }

  /** @type {(is: "open" | "lost" | "sending" | "sent", refusal?: string) => void} */
  #say(is, refusal = "") {
    const { line, state } = this;
    if (is === "open" && line.dataset.line === "sent") return; // which is read first
    const said = is === "open" && state?.pace === "free" ? "free" : is;
    line.dataset.line = is;
    line.textContent = refusal || LINES[said];
    if (is === "sent") {
      setTimeout(() => {
        if (line.dataset.line !== "sent") return;
        line.dataset.line = "open";
        this.#say("open");
      }, SAID_MS);
    }
  }

  /** @type {(words: string) => void} */
  #over(words) {
    this.connection?.close();
    this.line.dataset.line = "over";
    this.line.textContent = words;
    this.root.classList.remove("room-follows");
  }
}

/** What a text says as JSON; null where it is none. @type {(text: string | null) => unknown} */
function textAsJson(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

new StudentPage(find(document, ".room-main")); // oxlint-disable-line no-new

// The speaker's own window: notes, a clock, what comes next. The page of the talk builds it and keeps it; it asks for nothing.

/** @import { SceneData, TourData } from "./types.d.ts" */
import { make, wordButton } from "../player/parts.js";

/** @typedef {{ next: () => void, back: () => void, key: (event: KeyboardEvent) => void }} SpeakersMoves */

const NOTES_WINDOW = "collapse-lab-presenter";
const EVERY_SECOND_MS = 1000;
const NOTES_STYLE = `
  html { color-scheme: light dark; font: 20px/1.5 system-ui, sans-serif; }
  body { display: grid; grid-template-rows: auto 1fr auto; box-sizing: border-box; min-height: 100vh; margin: 0; padding: 1.2rem 1.6rem; gap: 1rem; background: Canvas; color: CanvasText; }
  header, footer { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.4rem 1.5rem; }
  h1 { flex: 1; margin: 0; font-size: 1.3rem; }
  time { font-size: 1.6rem; font-variant-numeric: tabular-nums; }
  main { overflow: auto; }
  main h2 { margin: 0 0 0.3rem; font-size: 1rem; opacity: 0.72; }
  .said { opacity: 0.72; }
  footer p { flex: 1; margin: 0; }
  button { min-height: 2.4rem; padding: 0 1.2rem; font: inherit; }
`;

export class Presenter {
  /**
   * @param {TourData} data
   * @param {SpeakersMoves} moves
   */
  constructor(data, moves) {
    this.data = data;
    this.moves = moves;
    this.began = Date.now();
    /** @type {Window | null} */
    this.window = null;
    /** @type {ReturnType<typeof buildNotes> | null} */
    this.parts = null;
    this.scene = 0;
  }

  get isOpen() {
    return this.window !== null && !this.window.closed;
  }

  /** Opens the window, or brings it to the front; answers whether the browser let it. @type {() => boolean} */
  open() {
    if (this.isOpen) {
      this.window?.focus();
      return true;
    }
    const opened = window.open("", NOTES_WINDOW, "popup,width=900,height=640");
    if (!opened) return false;
    this.window = opened;
    this.parts = buildNotes(opened.document, this.moves);
    opened.document.title = `Notes: ${this.data.title}`;
    opened.document.addEventListener("keydown", (event) => this.moves.key(event));
    const ticking = setInterval(() => {
      if (opened.closed) clearInterval(ticking);
      else this.#tick();
    }, EVERY_SECOND_MS);
    this.#tick();
    this.show(this.scene);
    return true;
  }

  /** Shows the notes of a scene. @type {(scene: number) => void} */
  show(scene) {
    this.scene = scene;
    const { parts, data: { scenes } } = this;
    if (!parts || !this.isOpen) return;
    const { title, notes, html } = scenes[scene];
    parts.title.textContent = `${scene + 1} / ${scenes.length} · ${title}`;
    parts.notes.innerHTML = notes || "<p>There are no notes on this scene.</p>"; // the reader of documents escapes all that is not its own
    parts.words.innerHTML = html;
    parts.next.textContent = nextWords(scenes, scene);
  }

  close() {
    this.window?.close();
    this.window = null;
  }

  #tick() {
    const { parts } = this;
    if (!parts) return;
    parts.since.textContent = clockWords((Date.now() - this.began) / EVERY_SECOND_MS);
    parts.now.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
}

/** What comes after a scene, in words. @type {(scenes: SceneData[], scene: number) => string} */
export function nextWords(scenes, scene) {
  const asked = scenes[scene].questions.length;
  const first = asked ? `First the question${asked > 1 ? "s" : ""} of this scene. ` : "";
  const next = scenes[scene + 1];
  return `${first}${next ? `Next: ${next.title}` : "This is the last scene."}`;
}

/** Seconds as a clock shows them: 12:05, 1:02:05. @type {(seconds: number) => string} */
export function clockWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** @param {Document} document @param {SpeakersMoves} moves */
function buildNotes({ head, body }, moves) {
  head.replaceChildren();
  body.replaceChildren();
  make("style", "", head, NOTES_STYLE);
  const top = make("header", "", body);
  const title = make("h1", "", top);
  const since = make("time", "", top);
  since.title = "Since the talk began";
  const now = make("span", "said", top);
  const main = make("main", "", body);
  make("h2", "", main, "Notes");
  const notes = make("div", "", main);
  make("h2", "", main, "On the screen");
  const words = make("div", "said", main);
  const foot = make("footer", "", body);
  const next = make("p", "", foot);
  wordButton(foot, "", "Back", moves.back);
  wordButton(foot, "", "Next", moves.next);
  return { title, since, now, notes, words, next };
}

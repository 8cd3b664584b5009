// A tour as a talk: large type, a clicker's keys, a black screen, and the speaker's own window.

/** @import { TourPlayer } from "./tour.js" */
import { Blackout } from "../player/blackout.js";
import { wordButton } from "../player/parts.js";
import { isDark, lightPage } from "../player/theme.js";
import { Presenter } from "./presenter.js";

const BLOCKED = "The browser kept the window with your notes from opening: allow windows of this page, and try again.";

export class Talk {
  /**
   * @param {TourPlayer} tour
   * @param {AbortSignal} signal
   */
  constructor(tour, signal) {
    this.tour = tour;
    this.on = false;
    /** The mode outside of the talk. */
    this.quiet = tour.mode;
    this.presenter = new Presenter(tour.data, { next: () => tour.next(), back: () => tour.back(), key: (event) => this.key(event, true) });
    const { root, parts: { head } } = tour;
    this.opener = wordButton(head, "tour-talks", "Talk", () => this.turn(!this.on));
    this.opener.title = "Large type for a talk; a clicker goes to the next stop (Escape leaves)";
    this.opener.setAttribute("aria-pressed", "false");
    this.dark = wordButton(head, "tour-talks", "Dark", () => this.#turnDark());
    this.dark.title = "Light or dark, whatever this machine has (D)";
    this.notes = wordButton(head, "tour-talks", "Notes", () => this.openNotes());
    this.notes.title = "Your notes, a clock and what comes next, in a window of their own (N)";
    this.black = new Blackout(root, signal);
    this.notes.hidden = this.dark.hidden = true;
    document.addEventListener("keydown", (event) => this.key(event), { signal });
    signal.addEventListener("abort", () => { if (this.on) this.turn(false); });
  }

  /** Begins or ends the talk. @type {(on: boolean) => void} */
  turn(on) {
    const { tour, opener, notes, dark, presenter } = this;
    if (on && !this.on) presenter.began = Date.now();
    this.on = on;
    tour.root.classList.toggle("tour-talk", on);
    tour.mode = on ? "talk" : this.quiet;
    opener.setAttribute("aria-pressed", String(on));
    notes.hidden = dark.hidden = !on;
    tour.stage.showFar(on);
    dark.setAttribute("aria-pressed", String(isDark(tour.root)));
    if (on) return;
    lightPage(null);
    this.black.turn(false);
    presenter.close();
  }

  /** Opens the speaker's window. */
  openNotes() {
    const { presenter, tour } = this;
    if (!presenter.open()) tour.parts.live.textContent = this.notes.title = BLOCKED;
  }

  /** The tour shows another scene: a black screen comes back. @type {(scene: number) => void} */
  follow(scene) {
    this.black.turn(false);
    this.presenter.show(scene);
  }

  /** What a key does, of the talk's window or of the speaker's. @type {(event: KeyboardEvent, speakers?: boolean) => void} */
  key(event, speakers = false) {
    const { tour, on } = this;
    const { key, target } = event;
    const writes = target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
    if (!on || writes || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    /** @type {Record<string, () => void>} */
    const acts = {
      b: () => this.black.turn(), ".": () => this.black.turn(), d: () => this.#turnDark(), n: () => this.openNotes(), Escape: () => this.turn(false),
    };
    if (speakers) Object.assign(acts, { PageDown: () => tour.next(), PageUp: () => tour.back(), ArrowRight: () => tour.next(), ArrowLeft: () => tour.back() });
    const act = acts[key.length === 1 ? key.toLowerCase() : key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #turnDark() {
    const { dark, tour: { root } } = this;
    lightPage(isDark(root) ? "light" : "dark");
    dark.setAttribute("aria-pressed", String(isDark(root)));
  }
}

// Tells a moment beside the picture: on the clock, to a screen reader, and in the root's data attributes.

import { momentWords } from "./moment.js";
import { setIcon } from "./parts.js";
import { ofBoth } from "./words.js";

/** @import { Clock } from "./clock.js" */
/** @import { Film } from "./film.js" */
/** @import { Parts } from "./layout.js" */

const SPOKEN_EVERY_MS = 1500;

export class Teller {
  /**
   * @param {HTMLElement} root
   * @param {Parts} parts
   */
  constructor(root, parts) {
    this.root = root;
    this.parts = parts;
    this.spoken = -Infinity;
  }

  /**
   * Keeps the clock's words and the data attributes at a frame of the leading film.
   * @type {(lead: Film, clock: Clock) => void}
   */
  tell(lead, { frame, playing }) {
    const { parts, root } = this;
    const moment = lead.moment(frame);
    parts.scrub.value = String(frame);
    parts.scrub.setAttribute("aria-valuetext", moment);
    parts.moment.textContent = moment;
    if (root.dataset.playing !== String(playing)) {
      setIcon(parts.play, playing ? "pause" : "play", playing ? "Pause" : "Play", "Space");
    }
    const { step, time, log_time: logTime, epoch } = lead.clock;
    const times = { time: time[frame] ?? "inf", logTime: logTime[frame] ?? "-inf" }; // inf: past what float64 holds
    const known = lead.timed || !epoch ? times : { time: "unknown", logTime: "unknown" };
    Object.assign(root.dataset, { frame, frames: lead.frames, playing, step: step[frame], ...known });
  }

  /** Speaks of the next frame at once: another film has come. */
  hurry() {
    this.spoken = -Infinity;
  }

  /**
   * Keeps what a screen reader finds; says it politely where the film stands still, once a moment. `said` describes the
   * matrices.
   * @type {(films: Film[], frames: number[], said: string[], playing: boolean) => void}
   */
  speak(films, frames, said, playing) {
    const { parts } = this;
    const now = performance.now();
    if (playing && now - this.spoken < SPOKEN_EVERY_MS) return;
    this.spoken = now;
    parts.matrices.slice(-films.length).forEach(({ letter, canvas }, i) => {
      canvas.setAttribute("aria-label", films.length > 1 ? `${letter}: ${said[i]}` : said[i]);
    });
    if (playing) return;
    const words = ofBoth(films.map((film, i) => `${film.moment(frames[i])}: ${momentWords(film, frames[i])}.`), " ");
    if (parts.live.textContent !== words) parts.live.textContent = words; // or what was said would be said again
  }
}

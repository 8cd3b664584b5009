// Tells a moment beside the picture: on the clock, to a screen reader, and in the root's data attributes.

import { ofAll } from "./labels.js";
import { momentWords } from "./moment.js";
import { setIcon, writeWords } from "./parts.js";
import { FILM_LETTERS } from "./pens.js";

/** @import { Clock } from "./clock.js" */
/** @import { Film } from "./film.js" */
/** @import { Parts } from "./layout.js" */

const SPOKEN_EVERY_MS = 1500;
const WRITTEN_EVERY_MS = 80; // faster than anybody reads

export class Teller {
  /**
   * @param {HTMLElement} root
   * @param {Parts} parts
   */
  constructor(root, parts) {
    this.root = root;
    this.parts = parts;
    this.spoken = this.written = -Infinity;
    /** What the data attributes say. @type {Record<string, unknown>} */
    this.said = {};
  }

  /** Whether words and figures are to be written: always where the film stands still. @type {(playing: boolean) => boolean} */
  isDue(playing) {
    const now = performance.now();
    const due = !playing || now - this.written >= WRITTEN_EVERY_MS;
    if (due) this.written = now;
    return due;
  }

  /**
   * Keeps the data attributes at a frame of the leading film, and the clock with its words where they are due: what is
   * styled or laid out costs more than all that is drawn in a frame.
   * @type {(lead: Film, clock: Clock, due: boolean) => void}
   */
  tell(lead, { frame, playing }, due) {
    const { parts, root } = this;
    if (due) {
      const moment = lead.moment(frame);
      parts.scrub.value = String(frame);
      parts.scrub.setAttribute("aria-valuetext", moment);
      writeWords(parts.moment, moment);
    }
    if (this.said.playing !== playing) {
      setIcon(parts.play, playing ? "pause" : "play", playing ? "Pause" : "Play", "Space");
    }
    const { step, time, log_time: logTime, epoch } = lead.clock;
    const times = { time: time[frame] ?? "inf", logTime: logTime[frame] ?? "-inf" }; // inf: past what float64 holds
    const known = lead.timed || !epoch ? times : { time: "unknown", logTime: "unknown" };
    for (const [name, value] of Object.entries({ frame, frames: lead.frames, playing, step: step[frame], ...known })) {
      if (this.said[name] === value) continue;
      this.said[name] = value;
      root.dataset[name] = String(value);
    }
  }

  /** Speaks and writes of the next frame at once: another film has come. */
  hurry() {
    this.spoken = this.written = -Infinity;
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
    parts.matrices.slice(0, films.length).forEach(({ canvas }, i) => {
      canvas.setAttribute("aria-label", films.length > 1 ? `${FILM_LETTERS[i]}: ${said[i]}` : said[i]);
    });
    if (playing) return;
    const words = ofAll(films.map((film, i) => `${film.moment(frames[i])}: ${momentWords(film, frames[i])}.`), " ");
    writeWords(parts.live, words); // what was said is not said again
  }
}

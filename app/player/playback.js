// Decides when a film plays by itself and when it waits: for a person who stopped it, or at the moment a link names.

import { Clock } from "./clock.js";
import { frameAt, sameKind } from "./look.js";

/** @import { Film } from "./film.js" */
/** @import { At } from "./types.d.ts" */

export class Playback {
  constructor() {
    this.clock = new Clock();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    /** Whether a person has stopped the film. */
    this.paused = false;
    /** The moment that a link named, until the film has grown so far. @type {At | null} */
    this.wish = null;
  }

  /** Where a person has stopped the film; null while it plays, or has ended by itself. */
  get stoppedAt() {
    return this.paused && !this.clock.playing ? this.clock.frame : null;
  }

  /**
   * `film` takes the place of the `last` one on the clock of `lead`, which is that film or the one beside it.
   * @type {(film: Film, last: Film | null, lead: Film) => void}
   */
  take(film, last, lead) {
    const { clock, calm } = this;
    const still = clock.frames < 2; // nothing could be played so far
    const another = last !== null && last.digest !== film.digest && !sameKind(last, film);
    const growing = last?.digest === film.digest;
    clock.take(lead.frames, { another, growing, restart: !this.paused && !calm.matches });
    if ((still || another) && calm.matches) clock.seek(Infinity);
    else if (still && !this.paused) clock.play();
    this.#keepWish(lead);
  }

  /** Goes to the moment that the link named, as soon as the film has grown so far. @type {(lead: Film) => void} */
  #keepWish(lead) {
    const frame = this.wish ? frameAt(lead, this.wish) : null;
    if (frame !== null) {
      this.clock.seek(frame);
      this.paused = true;
    }
    if (frame !== null || !lead.partial) this.wish = null;
  }

  /** A person stops the film or sets it going: what the link wished for is over. */
  playOrPause() {
    if (this.clock.playing) this.clock.playing = false;
    else this.clock.play();
    this.#touched(!this.clock.playing);
  }

  /** A person goes to a frame. @type {(frame: number) => void} */
  seek(frame) {
    this.clock.seek(frame);
    this.#touched(true);
  }

  /** @type {(paused: boolean) => void} */
  #touched(paused) {
    this.paused = paused;
    this.wish = null;
  }
}

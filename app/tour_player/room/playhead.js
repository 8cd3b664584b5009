// Tells where a teacher stops the film and sets it going; what it does by itself it does on every phone by itself.

/** @import { TourPlayer } from "../tour.js" */

/** Between two looks: a slider that is dragged tells a few frames a second. */
const PLAYHEAD_MS = 250;

export class Playhead {
  /**
   * @param {TourPlayer} tour
   * @param {(frame: number | "play") => void} told
   */
  constructor(tour, told) {
    this.tour = tour;
    this.told = told;
    /** @type {unknown} */
    this.film = null;
    this.playing = false;
    /** @type {number | null} */
    this.stopped = null;
    setInterval(() => this.look(), PLAYHEAD_MS);
  }

  /** Looks once. */
  look() {
    const { stage } = this.tour;
    const { player } = stage;
    if (!player || !stage.staged) return;
    const { film, clock: { playing }, playback: { stoppedAt } } = player;
    if (film === this.film) {
      if (stoppedAt !== null && stoppedAt !== this.stopped) this.told(stoppedAt);
      else if (playing && !this.playing) this.told("play");
    }
    Object.assign(this, { film, playing, stopped: stoppedAt });
  }
}

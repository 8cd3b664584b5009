// Keeps a tour where its room is: the scene, the frame and what is revealed, as a teacher moves it.

/** @import { Film } from "../../player/film.js" */
/** @import { TourPlayer } from "../tour.js" */
/** @import { RoomState } from "./types.d.ts" */
import { frameAt } from "../../player/look.js";

/** Between two looks whether a film is there. */
const LOOK_MS = 100;
const COUNTED = /^(step|log_time)=(.+)$/;

/** The moment that a room names: "play" for none, a frame, an event, "step=100". @typedef {RoomState["frame"]} Moment */

export class Follower {
  /** @param {TourPlayer} tour */
  constructor(tour) {
    this.tour = tour;
    this.timer = 0;
  }

  /**
   * Goes where the room is, if the tour `follows`; what is revealed is told in any case. `change` is what was heard last.
   * @type {(state: RoomState, change: Partial<RoomState>, follows: boolean) => void}
   */
  hear(state, change, follows) {
    const { tour } = this;
    const another = follows && tour.scene !== state.scene;
    if (another) tour.goTo(state.scene);
    for (const [scene, question] of state.revealed) {
      if (!tour.answers[`${scene}.${question}`]?.told) tour.reveal(scene, question);
    }
    const isNews = another ? state.frame !== "play" : change.frame !== undefined && change.scene === undefined;
    if (follows && isNews) this.#whenStaged(() => this.#seek(state.frame));
  }

  /** @type {(act: () => void) => void} */
  #whenStaged(act) {
    clearTimeout(this.timer);
    const { stage, scene, data } = this.tour;
    if (stage.staged || !data.scenes[scene]?.film) act();
    else this.timer = setTimeout(() => this.#whenStaged(act), LOOK_MS);
  }

  /** @type {(moment: Moment) => void} */
  #seek(moment) {
    const { player } = this.tour.stage;
    const film = player?.film;
    if (!player || !film) return;
    if (moment === "play") {
      if (!player.clock.playing) player.playOrPause();
      return;
    }
    const frame = typeof moment === "number" ? moment : frameNamed(film, moment);
    if (frame !== null) player.seek(Math.round(frame));
  }
}

/** The frame of a moment that a room names; null where this film has none. @type {(film: Film, moment: string) => number | null} */
export function frameNamed(film, moment) {
  if (moment === "start" || moment === "end") return moment === "start" ? 0 : film.frames - 1;
  const [, clock, value] = COUNTED.exec(moment) ?? [];
  return frameAt(film, clock ? { [clock]: Number(value) } : { event: moment });
}

// What slides may ask of a film, and what they hear of it.

/** @import { FilmPlayer } from "./player.js" */
/** @import { Message } from "./messages.js" */
import { frameAt } from "./look.js";
import { Messages } from "./messages.js";

const NO_FILM = "There is no film yet: wait for the message film.";

export class FilmMessages {
  /** @param {FilmPlayer} player @param {AbortSignal} signal */
  constructor(player, signal) {
    this.player = player;
    this.messages = new Messages({
      play: () => this.#setGoing(true),
      pause: () => this.#setGoing(false),
      seek: ({ to }) => this.#seek(to),
    }, signal);
  }

  /** Tells that a film has come. */
  film() {
    this.messages.tell("film", aboutFilm(this.player));
  }

  /** Tells which moment is shown. */
  moment() {
    this.messages.tell("moment", aboutMoment(this.player));
  }

  /** @type {(plays: boolean) => string} */
  #setGoing(plays) {
    const { player } = this;
    if (!player.shown) return NO_FILM;
    if (player.clock.playing !== plays) player.playOrPause();
    return "";
  }

  /** @type {(to: unknown) => string} */
  #seek(to) {
    const { player } = this;
    if (!player.shown) return NO_FILM;
    const frame = frameOf(player, to);
    if (frame === null) return `to = ${JSON.stringify(to)?.slice(0, 80)} is no moment of this film: use ${momentsOf(player)}.`;
    player.seek(frame);
    return "";
  }
}

/** The frame of the clock that a message names; null for none. @type {(player: FilmPlayer, to: unknown) => number | null} */
function frameOf({ shown, clock }, to) {
  if (!shown || !to || typeof to !== "object") return null;
  const { frame, event, step, log_time: logTime, share } = /** @type {Message} */ (to);
  if (frame !== undefined) return Number.isInteger(frame) && Number(frame) >= 0 && Number(frame) < clock.frames ? Number(frame) : null;
  if (event !== undefined) return frameAt(shown.lead, { event: String(event) });
  const [name, value] = Object.entries({ step, log_time: logTime, share }).find(([, one]) => typeof one === "number") ?? [];
  return name ? frameAt(shown.lead, { [name]: value }) : null;
}

/** @type {(player: FilmPlayer) => string} */
function momentsOf({ shown, clock }) {
  const events = (shown?.lead.header.events ?? []).flatMap(({ id }) => id ?? []);
  return `{"frame": 0} to {"frame": ${clock.frames - 1}}, {"share": 0.5}, {"step": 100}, {"log_time": 2}${events.length ? ` or {"event": "${events.join('" or "')}"}` : ""}`;
}

/** What is told of a film that has come. @type {(player: FilmPlayer) => Message} */
function aboutFilm({ shown, clock }) {
  const film = shown?.lead;
  return {
    digest: film?.digest, title: film?.header.title, frames: clock.frames, partial: film?.partial,
    events: (film?.header.events ?? []).map(({ id, frame, label }) => ({ id, frame, label })),
  };
}

/** What is told of a moment. @type {(player: FilmPlayer) => Message} */
function aboutMoment({ shown, clock: { frame, frames, playing } }) {
  const clock = shown?.lead.clock;
  return { frame, frames, playing, step: clock?.step[frame] ?? null, log_time: clock?.log_time[frame] ?? null };
}

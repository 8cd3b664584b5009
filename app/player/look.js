// The look: view, camera, moment and speed, as a link says them. The player keeps them in the address bar.

import { SPEEDS } from "./clock.js";
import { viewMap, viewsOf } from "./views.js";

const LOOK_KEYS = ["view", "camera", "at", "speed"];
const QUIET_MS = 250;
const EVENT_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ROUNDED = 6e-4; // a log time is written with four figures
/** What makes a run another kind of run; and how many other knobs one turn may move with it. */
const KIND_KNOBS = ["method", "initialisation", "dataset", "model"];
const KNOBS_A_TURN = 2;

/**
 * The frame that a link's moment names: the last one that is not beyond it. null where the film has none of this kind, or
 * has not grown so far.
 * @param {{event: string} | {step: number} | {log_time: number} | {share: number}} at
 */
export function frameAt(film, at) {
  const { clock, header, frames, partial } = film;
  if (at.event !== undefined) return header.events.find(({ id }) => id === at.event)?.frame ?? null;
  if (Number.isFinite(at.share)) return partial ? null : Math.round(Math.min(1, Math.max(0, at.share)) * (frames - 1));
  const track = Number.isFinite(at.step) ? bySteps(film) && clock.step : Number.isFinite(at.log_time) && clock.log_time;
  if (!track || track.every((value) => value === null)) return null;
  const wanted = at.step ?? at.log_time + ROUNDED * Math.abs(at.log_time);
  if (partial && !(track.at(-1) >= wanted)) return null;
  return Math.max(0, track.findLastIndex((value) => (value ?? -Infinity) <= wanted));
}

/** A frame as a link names it: an event, a step, a log time; a share of the film where it counts neither. */
export function momentKey(film, frame) {
  const event = film.header.events.find(({ id, frame: at }) => at === frame && EVENT_NAME.test(id ?? ""));
  if (event) return event.id;
  if (bySteps(film)) return `step:${film.clock.step[frame]}`;
  const logTime = film.clock.log_time[frame];
  if (!film.clock.epoch && logTime !== null) return `log_time:${Number(logTime.toPrecision(4))}`;
  return String(Number((frame / Math.max(1, film.frames - 1)).toFixed(3)));
}

function bySteps({ clock }) {
  return clock.by === "step" && !clock.epoch;
}

/** Whether two films are of one kind, so that a turned knob can lie between them; a preset is another. */
export function sameKind({ header: a }, { header: b }) {
  const [one, other] = [a.config ?? {}, b.config ?? {}];
  const turned = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => String(one[name]) !== String(other[name]));
  return a.kind === b.kind && !turned.some((name) => KIND_KNOBS.includes(name)) && turned.length <= KNOBS_A_TURN;
}

/** Puts what a link chose into a player, before its first film; what is no such choice is passed over. */
export function applyLook(player, film, { view, camera, at, speed } = {}) {
  if (viewsOf(film).some(({ name }) => name === view)) player.chosenView = view;
  if (SPEEDS.includes(speed)) {
    player.clock.speed = speed;
    player.parts.speed.value = String(speed);
  }
  if (at && typeof at === "object") player.wish = at;
  if (Array.isArray(camera) && camera.length === 3 && camera.every(Number.isFinite)) {
    const [x, y, z] = camera;
    player.stage.standAt(viewMap(film, player.chosenView ?? viewsOf(film)[0]?.name, 0).flat, { x, y, z });
  }
}

/** A player's look as the keys of a link; what is usual is left out. */
function lookKeys({ film, lead, films, clock, stage, chosenView, paused, wish }) {
  const views = viewsOf(films.findLast(({ axes }) => axes > 3) ?? film);
  const { eye, center } = stage.chosenCamera ?? {};
  const at = wish ? Object.entries(wish).map(([name, value]) => (name === "step" || name === "log_time" ? `${name}:${value}` : value))[0]
    : paused && !clock.playing && momentKey(lead, clock.frame);
  return {
    view: views.length && chosenView !== views[0].name ? chosenView : undefined,
    camera: eye && ["x", "y", "z"].map((axis) => Number((eye[axis] - center[axis]).toFixed(3))).join(","),
    at: at || undefined,
    speed: clock.speed === 1 ? undefined : clock.speed,
  };
}

/** The address bar's own part of the page's link. All other keys stay letter for letter. */
export class AddressBar {
  constructor(player) {
    this.player = player;
  }

  /** Writes once the person has been quiet for a moment. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), QUIET_MS);
  }

  write() {
    clearTimeout(this.timer);
    if (!this.player.film) return;
    const { pathname, search, hash } = window.location;
    const now = withLook(search, lookKeys(this.player));
    if (now === search) return;
    try {
      window.history.replaceState(window.history.state, "", `${pathname}${now}${hash}`);
    } catch {
      return; // a sandboxed frame has no address of its own
    }
    window.dispatchEvent(new Event("lab-look"));
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

/** A query string with these keys of the look in place of those it has. */
export function withLook(search, look) {
  const others = search.replace(/^\?/, "").split("&").filter((part) => part && !LOOK_KEYS.includes(part.split("=")[0]));
  const own = LOOK_KEYS.filter((key) => look[key] !== undefined).map((key) => `${key}=${look[key]}`);
  const all = [...others, ...own].join("&");
  return all && `?${all}`;
}

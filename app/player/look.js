// Reads and writes the look, view, camera, moment and speed, as a link says it.

/** @import { Film } from "./film.js" */
/** @import { At, Camera, Settings, Shown, Track } from "./types.d.ts" */
import { LOOK_KEYS } from "./look_keys.js";
import { FILM_LETTERS } from "./pens.js";
import { chosenOf, kindOf, shownView } from "./settings.js";
import { viewMap, viewsOf } from "./views.js";

const EVENT_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ROUNDED = 6e-4; // a log time is written with four figures
/** What makes a run another kind of run; and how many other knobs one turn may move with it. */
const KIND_KNOBS = ["method", "initialisation", "dataset", "model"];
const KNOBS_A_TURN = 2;

/**
 * The frame that a link's moment names: the last one that is not beyond it. null where the film has none of this kind, or
 * has not grown so far.
 * @type {(film: Film, at: At) => number | null}
 */
export function frameAt(film, at) {
  const { clock, header, frames, partial } = film;
  if (at.event !== undefined) return header.events.find(({ id }) => id === at.event)?.frame ?? null;
  const { share, step, log_time: logTime } = at;
  if (isNumber(share)) return partial ? null : Math.round(Math.min(1, Math.max(0, share)) * (frames - 1));
  /** @type {Track} */
  const track = isNumber(step) ? (bySteps(film) ? clock.step : []) : clock.log_time;
  const wanted = isNumber(step) ? step : isNumber(logTime) ? logTime + ROUNDED * Math.abs(logTime) : null;
  if (wanted === null || track.every((value) => value === null)) return null;
  if (partial && !((track.at(-1) ?? -Infinity) >= wanted)) return null;
  return Math.max(0, track.findLastIndex((value) => (value ?? -Infinity) <= wanted));
}

/**
 * A frame as a link names it: an event, a step, a log time; a share of the film where it counts neither.
 * @type {(film: Film, frame: number) => string}
 */
export function momentKey(film, frame) {
  const event = film.header.events.find(({ id, frame: at }) => at === frame && EVENT_NAME.test(id ?? ""));
  if (event?.id) return event.id;
  if (bySteps(film)) return `step:${film.clock.step[frame]}`;
  const logTime = film.clock.log_time[frame];
  if (!film.clock.epoch && logTime !== null) return `log_time:${Number(logTime.toPrecision(4))}`;
  return String(Number((frame / Math.max(1, film.frames - 1)).toFixed(3)));
}

/** @type {(value: unknown) => value is number} */
function isNumber(value) {
  return Number.isFinite(value);
}

/** @type {(film: Film) => boolean} */
function bySteps({ clock }) {
  return clock.by === "step" && !clock.epoch;
}

/**
 * The frame of the leading film where another one shows one of its own.
 * @type {(lead: Film, film: Film, frame: number) => number}
 */
export function leadingFrame(lead, film, frame) {
  if (film === lead) return frame;
  const there = lead.frameBeside(film, frame);
  return film.frameBeside(lead, there) < frame ? there + 1 : there;
}

/**
 * Whether two films are of one kind, so that a turned knob can lie between them; a preset is another.
 * @type {(a: Pick<Film, "header">, b: Pick<Film, "header">) => boolean}
 */
export function sameKind({ header: a }, { header: b }) {
  const [one, other] = [a.config ?? {}, b.config ?? {}];
  const turned = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => String(one[name]) !== String(other[name]));
  return a.kind === b.kind && !turned.some((name) => KIND_KNOBS.includes(name)) && turned.length <= KNOBS_A_TURN;
}

/**
 * How films are looked at, as the keys of a link; what is usual is left out. `frame` is where a person has stopped the
 * film, `wish` the moment for which it still grows.
 * @type {(shown: Shown, settings: Settings, moment: { wish: At | null, frame: number | null }) => Record<string, string | number | undefined>}
 */
export function lookKeys({ films, lead }, settings, { wish, frame }) {
  const film = films[films.length - 1];
  const [usual] = viewsOf(films.findLast(({ axes }) => axes > 3) ?? film);
  const { flat } = viewMap(film, shownView(films, settings.view), 0);
  const camera = settings.cameras[kindOf(flat)];
  return {
    view: usual && settings.view !== usual.name ? settings.view ?? undefined : undefined,
    camera: camera && eyeWords(camera),
    at: (wish ? wishWords(wish) : frame !== null && momentKey(lead, frame)) || undefined,
    speed: settings.speed === 1 ? undefined : settings.speed,
    theme: settings.theme ?? undefined,
    captions: settings.captions ? undefined : "0",
    curve: settings.curve ?? undefined,
    film: chosenOf(films, settings) === film ? undefined : FILM_LETTERS[settings.film ?? 0],
  };
}

/** @type {(camera: Camera) => string} */
function eyeWords({ eye, center }) {
  return [eye.x - center.x, eye.y - center.y, eye.z - center.z].map((x) => Number(x.toFixed(3))).join(",");
}

/** @type {(at: At) => string} */
function wishWords({ event, step, log_time: logTime, share }) {
  if (step !== undefined) return `step:${step}`;
  return logTime === undefined ? String(event ?? share ?? "") : `log_time:${logTime}`;
}

/**
 * A query string with these keys of the look in place of those it has.
 * @type {(search: string, look: Record<string, string | number | undefined>) => string}
 */
export function withLook(search, look) {
  const others = search.replace(/^\?/, "").split("&").filter((part) => part && !LOOK_KEYS.includes(part.split("=")[0]));
  const own = LOOK_KEYS.filter((key) => look[key] !== undefined).map((key) => `${key}=${look[key]}`);
  const all = [...others, ...own].join("&");
  return all && `?${all}`;
}

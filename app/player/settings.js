// Everything that a viewer has chosen, as one value, which is replaced and never changed.

import { dollied, HOMES, turned } from "./camera.js";
import { SPEEDS } from "./clock.js";
import { FILM_LETTERS } from "./pens.js";
import { wantsAllCurves } from "./unfolding.js";
import { viewMap, viewsOf } from "./views.js";

/** @import { Film } from "./film.js" */
/** @import { Camera, Look, Settings } from "./types.d.ts" */

/** @type {Settings} */
export const USUAL = Object.freeze({
  view: null, cameras: {}, speed: 1, loop: false, trails: true, raw: false, weights: false, clock: null, panels: "run", allCurves: wantsAllCurves(), talk: false,
  theme: null, captions: true, curve: null, film: null, far: false, big: 1,
});

/** The settings with some of them changed. @type {(settings: Settings, changes: Partial<Settings>) => Settings} */
export function withChanges(settings, changes) {
  return Object.freeze({ ...settings, ...changes });
}

/**
 * The settings with sizes for a window of so many pixels: what is shown to a room is as large on every projector.
 * @type {(settings: Settings, width: number, height: number) => Settings}
 */
export function sized(settings, width, height) {
  return withChanges(settings, { big: settings.talk || settings.far ? Math.max(1, Math.min(width / 800, height / 480)) : 1 });
}

/** Whether one of these choices differs. @type {(a: Settings, b: Settings, names: (keyof Settings)[]) => boolean} */
export function differ(a, b, names) {
  return names.some((name) => a[name] !== b[name]);
}

/**
 * What the link chose, for its first film; what is no such choice is passed over.
 * @type {(look: Look, film: Film) => Partial<Settings>}
 */
export function chosenBy({ view, camera, speed, film: letter = "", ...look }, film) {
  const chosen = spokenBy(look);
  if (FILM_LETTERS.includes(letter)) chosen.film = FILM_LETTERS.indexOf(letter);
  if (view !== undefined && viewsOf(film).some(({ name }) => name === view)) chosen.view = view;
  if (speed !== undefined && SPEEDS.includes(speed)) chosen.speed = speed;
  if (Array.isArray(camera) && camera.length === 3 && camera.every(Number.isFinite)) {
    const [x, y, z] = camera;
    const kind = kindOf(viewMap(film, shownView([film], chosen.view), 0).flat);
    chosen.cameras = { [kind]: turned(dollied({ ...HOMES[kind], eye: { x, y, z } }, 1), 0, 0) };
  }
  return chosen;
}

/** The settings with what a link chose for its first film, and what it did not as usual. @type {(settings: Settings, look: Look, film: Film) => Settings} */
export function lookedAt(settings, look, film) {
  const { view, cameras, speed, theme, captions, curve, film: read } = USUAL;
  return withChanges(settings, { view, cameras, speed, theme, captions, curve, film: read, ...chosenBy(look, film) });
}

/** What a link chose for talk mode. @type {(look: Look) => Partial<Settings>} */
export function spokenBy({ theme, captions, curve }) {
  /** @type {Partial<Settings>} */
  const chosen = {};
  if (theme === "light" || theme === "dark") chosen.theme = theme;
  if (captions !== undefined) chosen.captions = captions === "1";
  if (typeof curve === "string") chosen.curve = curve;
  return chosen;
}

/** Whether one of the films is seen on a tour of its dimensions. @type {(films: Film[], view: string | null) => boolean} */
export function isTouring(films, view) {
  return films.some(({ axes }) => axes > 3) && shownView(films, view) === "tour";
}

/**
 * The view in which films are shown: the chosen one, else the usual one of many dimensions.
 * @type {(films: Film[], view: string | null | undefined) => string}
 */
export function shownView(films, view) {
  const many = films.findLast(({ axes }) => axes > 3) ?? films[films.length - 1];
  return view ?? viewsOf(many)[0]?.name ?? "first";
}

/** The film whose figures are read: the one that was chosen, else the last. @type {(films: Film[], settings: Pick<Settings, "film">) => Film} */
export function chosenOf(films, { film }) {
  return films[film ?? films.length - 1] ?? films[films.length - 1];
}

/** Under which name the camera of such a film is kept. @type {(flat: boolean) => "flat" | "space"} */
export function kindOf(flat) {
  return flat ? "flat" : "space";
}

/**
 * The settings with another camera for flat films, or for the others.
 * @type {(settings: Settings, flat: boolean, camera: Camera) => Settings["cameras"]}
 */
export function withCamera({ cameras }, flat, camera) {
  return { ...cameras, [kindOf(flat)]: camera };
}

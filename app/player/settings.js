// Everything that a viewer has chosen, as one value, which is replaced and never changed.

import { dollied, HOMES, turned } from "./camera.js";
import { SPEEDS } from "./clock.js";
import { viewMap, viewsOf } from "./views.js";

/** @import { Film } from "./film.js" */
/** @import { Camera, Look, Settings } from "./types.d.ts" */

/** @type {Settings} */
export const USUAL = Object.freeze({
  view: null, cameras: {}, speed: 1, loop: false, trails: true, raw: false, weights: false, clock: null, panels: "run", talk: false,
});

/** The settings with some of them changed. @type {(settings: Settings, changes: Partial<Settings>) => Settings} */
export function withChanges(settings, changes) {
  return Object.freeze({ ...settings, ...changes });
}

/** Whether one of these choices differs. @type {(a: Settings, b: Settings, names: (keyof Settings)[]) => boolean} */
export function differ(a, b, names) {
  return names.some((name) => a[name] !== b[name]);
}

/**
 * What the link chose, for its first film; what is no such choice is passed over.
 * @type {(look: Look, film: Film) => Partial<Settings>}
 */
export function chosenBy({ view, camera, speed }, film) {
  /** @type {Partial<Settings>} */
  const chosen = {};
  if (view !== undefined && viewsOf(film).some(({ name }) => name === view)) chosen.view = view;
  if (speed !== undefined && SPEEDS.includes(speed)) chosen.speed = speed;
  if (Array.isArray(camera) && camera.length === 3 && camera.every(Number.isFinite)) {
    const [x, y, z] = camera;
    const kind = kindOf(viewMap(film, shownView([film], chosen.view), 0).flat);
    chosen.cameras = { [kind]: turned(dollied({ ...HOMES[kind], eye: { x, y, z } }, 1), 0, 0) };
  }
  return chosen;
}

/**
 * The view in which films are shown: the chosen one, else the usual one of many dimensions.
 * @type {(films: Film[], view: string | null | undefined) => string}
 */
export function shownView(films, view) {
  const many = films.findLast(({ axes }) => axes > 3) ?? films[films.length - 1];
  return view ?? viewsOf(many)[0]?.name ?? "first";
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

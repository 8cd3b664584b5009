// Says how films on one stage are seen: where each stands, and through which camera.

import { homeCamera } from "./camera.js";
import { cellsOf } from "./cells.js";
import { kindOf } from "./settings.js";

/** @import { Film } from "./film.js" */
/** @import { Camera, Settings, Side } from "./types.d.ts" */

/**
 * The sides of a stage of so many pixels, one for each film; `flat` says which of them lie in a plane.
 * @type {(films: Film[], settings: Settings, flat: boolean[], size: { width: number, height: number }) => Side[]}
 */
export function sidesOf(films, settings, flat, size) {
  const { width, height } = size;
  return cellsOf(films.length, size, settings.big).map((cell, i) => ({
    camera: cameraOn(films, settings, flat[i], cell), flat: flat[i], cell,
    domain: {
      x: [cell.x / width, (cell.x + cell.width) / width].map(asShare),
      y: [1 - (cell.y + cell.height) / height, 1 - cell.y / height].map(asShare),
    },
  }));
}

/**
 * One camera for all flat films and one for the others: films to compare are seen from the same side.
 * @type {(films: Film[], settings: Settings, flat: boolean, cell: { width: number, height: number }) => Camera}
 */
function cameraOn(films, settings, flat, { width, height }) {
  const shadow = films.some(({ axes }) => axes > 3);
  return settings.cameras[kindOf(flat)] ?? homeCamera({ flat, shadow }, width, height);
}

/** A share of a whole; of a stage without a size, none. @type {(share: number) => number} */
function asShare(share) {
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}

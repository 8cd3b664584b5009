// Places names on the stage: those that would lie on one another move apart.

/** @import { Film } from "./film.js" */
/** @import { Camera, Points, Vector } from "./types.d.ts" */
import { axesOf, pixelsAtOne, sightOf } from "./camera.js";

export const NAME_SIZE = 16; // pixels
const LETTER_WIDTH = 0.62; // of its height
const ROUNDS = 24;

/** Width and height in pixels that each class's name takes. @type {(film: Film, size: number) => Vector[]} */
export function nameSizes(film, size) {
  return Array.from({ length: film.classes }, (_, k) => [LETTER_WIDTH * size * film.nameOf(k).length, size]);
}

/**
 * Moves names across the line of sight until none lies on another, each no farther than it must.
 * @param {Points} spots where names stand
 * @param {Camera} camera
 * @param {number} height of the picture in pixels
 * @param {Vector[]} sizes width and height of each name in pixels
 * @returns {Points}
 */
export function namesApart(spots, camera, height, sizes) {
  const { right, up } = axesOf(camera);
  const sight = sightOf(camera, 0, height);
  const seen = sizes.map((_, k) => sight(spots[0][k], spots[1][k], spots[2][k]));
  const apart = boxesApart(seen, sizes);
  return spots.map((list, axis) => list.map((x, k) => {
    const [across, down, length] = [apart[k][0] - seen[k][0], apart[k][1] - seen[k][1], seen[k][2] / pixelsAtOne(height)];
    return x + length * (across * right[axis] - down * up[axis]);
  }));
}

/**
 * The middles of boxes, [x, y, ...], each pushed out of the others by half of what they share, along the shorter way.
 * @type {(middles: Vector[], sizes: Vector[]) => Vector[]}
 */
export function boxesApart(middles, sizes) {
  const at = middles.map(([x, y]) => [x, y]);
  for (let round = 0, met = true; met && round < ROUNDS; round += 1) {
    met = false;
    for (let i = 1; i < at.length; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const across = (sizes[i][0] + sizes[j][0]) / 2 - Math.abs(at[i][0] - at[j][0]);
        if (across <= 0.1) continue;
        const down = (sizes[i][1] + sizes[j][1]) / 2 - Math.abs(at[i][1] - at[j][1]);
        if (down <= 0.1) continue;
        const axis = across < down ? 0 : 1;
        const push = (at[i][axis] < at[j][axis] ? -0.5 : 0.5) * Math.min(across, down);
        at[i][axis] += push;
        at[j][axis] -= push;
        met = true;
      }
    }
  }
  return at;
}

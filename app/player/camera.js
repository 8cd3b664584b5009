// Where the stage is seen from. Plotly's unit is the cube of all three ranges: it has side 1 and stands on the origin.

/** @import { Camera, Sight, Spot, Vector } from "./types.d.ts" */
import { cross, dot, unit } from "./vectors.js";

export const HALF_RANGE = 2.2;
/** @type {{ space: Camera, flat: Camera }} */
export const HOMES = {
  space: { eye: { x: 0.55, y: 0.42, z: 0.26 }, up: { x: 0, y: 0, z: 1 }, center: { x: 0, y: 0, z: 0 }, projection: { type: "perspective" } },
  flat: { eye: { x: 0, y: 0, z: 0.87 }, up: { x: 0, y: 1, z: 0 }, center: { x: 0, y: 0, z: 0 }, projection: { type: "perspective" } },
};
const HALF_FIELD = Math.tan(Math.PI / 8); // Plotly sees 45 degrees from top to bottom
const [NEAREST, FARTHEST] = [0.2, 5];
const HIGHEST = 1.5; // radians over the horizon: beyond it up and down would change places
const [NAMES_FIT, NAME_ROOM] = [400, 24]; // pixels: names keep their size, so a scene narrower than this leaves them room
const BACK_FROM_SHADOWS = 1.25; // arrows of a shadow differ in length, and some reach far out

/**
 * The camera nobody has moved. Plotly fits a scene to its height, so a scene higher than wide is seen from farther
 * back: as much then fits from left to right as from top to bottom.
 * @type {(kind: { flat: boolean, shadow?: boolean }, width: number, height: number) => Camera}
 */
export function homeCamera({ flat, shadow }, width, height) {
  const across = width - NAME_ROOM * Math.max(0, 1 - width / NAMES_FIT);
  const aspect = across > 0 ? Math.max(1, height / across) : 1;
  return dollied(HOMES[flat ? "flat" : "space"], aspect * (shadow ? BACK_FROM_SHADOWS : 1));
}

/**
 * The same camera at `factor` times its distance, never so near or so far that the stage is lost.
 * @type {(camera: Camera, factor: number) => Camera}
 */
export function dollied(camera, factor) {
  const { eye, center } = camera;
  const from = [eye.x - center.x, eye.y - center.y, eye.z - center.z];
  const distance = Math.hypot(...from);
  const share = Math.min(FARTHEST, Math.max(NEAREST, distance * factor)) / distance;
  const [x, y, z] = from.map((difference) => difference * share);
  return { ...camera, eye: { x: center.x + x, y: center.y + y, z: center.z + z } };
}

/**
 * The same camera turned round what it looks at: `across` about its upright and `up`, in radians, never over the top.
 * @type {(camera: Camera, across: number, up: number) => Camera}
 */
export function turned(camera, across, up) {
  const [eye, center, pole] = [camera.eye, camera.center, camera.up].map(({ x, y, z }) => [x, y, z]);
  const from = eye.map((x, axis) => x - center[axis]);
  const distance = Math.hypot(...from);
  const height = dot(from, pole);
  const level = Math.min(HIGHEST, Math.max(-HIGHEST, Math.asin(height / distance) + up));
  const outwards = from.map((x, axis) => x - height * pole[axis]);
  const ahead = unit(Math.hypot(...outwards) > 1e-6 * distance ? outwards : cross(pole, [1, 0, 0])); // from right above: any side
  const side = cross(pole, ahead);
  const [x, y, z] = center.map((middle, axis) => {
    const round = Math.cos(across) * ahead[axis] + Math.sin(across) * side[axis];
    return middle + distance * (Math.cos(level) * round + Math.sin(level) * pole[axis]);
  });
  return { ...camera, eye: { x, y, z } };
}

/** The eye in the coordinates of the film. @type {(camera: Pick<Camera, "eye">) => Vector} */
export function viewerAt({ eye }) {
  return [eye.x, eye.y, eye.z].map((x) => 2 * HALF_RANGE * x);
}

/**
 * What a camera sees in a picture of so many pixels: a function that gives [x, y, depth] of a point of the film, x and y
 * in pixels from the left and the top, depth along the line of sight.
 * @type {(camera: Camera, width: number, height: number) => Sight}
 */
export function sightOf(camera, width, height) {
  const { eye, ahead, right, up } = axesOf(camera);
  const scale = pixelsAtOne(height);
  return (x, y, z) => {
    const from = [x - eye[0], y - eye[1], z - eye[2]];
    const depth = dot(from, ahead);
    return [width / 2 + (scale * dot(from, right)) / depth, height / 2 - (scale * dot(from, up)) / depth, depth];
  };
}

/**
 * Where a camera's eye is, and what lies ahead of it, to its right and up, in the coordinates of the film.
 * @type {(camera: Camera) => { eye: Vector, ahead: Vector, right: Vector, up: Vector }}
 */
export function axesOf(camera) {
  /** @type {(spot: Spot) => Vector} */
  const cube = (spot) => [spot.x, spot.y, spot.z].map((x) => 2 * HALF_RANGE * x);
  const [eye, center] = [cube(camera.eye), cube(camera.center)];
  const ahead = unit(center.map((x, axis) => x - eye[axis]));
  const right = unit(cross(ahead, [camera.up.x, camera.up.y, camera.up.z]));
  return { eye, ahead, right, up: cross(right, ahead) };
}

/** How many pixels a length of 1 takes at depth 1, in a picture so high. @type {(height: number) => number} */
export function pixelsAtOne(height) {
  return height / 2 / HALF_FIELD;
}

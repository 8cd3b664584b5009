// Where the stage is seen from. Plotly's unit is the cube of all three ranges: it has side 1 and stands on the origin.

const HALF_RANGE = 2.2;
const HOMES = {
  space: { eye: { x: 0.55, y: 0.42, z: 0.26 }, up: { x: 0, y: 0, z: 1 }, center: { x: 0, y: 0, z: 0 }, projection: { type: "perspective" } },
  flat: { eye: { x: 0, y: 0, z: 0.87 }, up: { x: 0, y: 1, z: 0 }, center: { x: 0, y: 0, z: 0 }, projection: { type: "perspective" } },
};
const [NEAREST, FARTHEST] = [0.2, 5];
const BACK_FROM_SHADOWS = 1.25; // arrows of a shadow differ in length, and some reach far out

/**
 * The camera nobody has moved. Plotly fits a scene to its height, so a scene higher than wide is seen from farther
 * back: as much then fits from left to right as from top to bottom.
 */
function homeCamera({ flat, shadow }, width, height) {
  const aspect = width > 0 ? Math.max(1, height / width) : 1;
  return dollied(HOMES[flat ? "flat" : "space"], aspect * (shadow ? BACK_FROM_SHADOWS : 1));
}

/** The same camera at `factor` times its distance, never so near or so far that the stage is lost. */
function dollied(camera, factor) {
  const { eye, center } = camera;
  const from = ["x", "y", "z"].map((axis) => eye[axis] - center[axis]);
  const distance = Math.hypot(...from);
  const share = Math.min(FARTHEST, Math.max(NEAREST, distance * factor)) / distance;
  const [x, y, z] = from.map((difference) => difference * share);
  return { ...camera, eye: { x: center.x + x, y: center.y + y, z: center.z + z } };
}

/** The eye in the coordinates of the film. */
function viewerAt({ eye }) {
  return [eye.x, eye.y, eye.z].map((x) => 2 * HALF_RANGE * x);
}

// Vectors of three numbers: direction, scalar product, vector product.

/** @import { Vector } from "./types.d.ts" */

/** The vector of length 1 in the same direction; the zero vector as it is. @type {(v: Vector) => Vector} */
export function unit(v) {
  const length = Math.hypot(...v) || 1;
  return v.map((x) => x / length);
}

/** The scalar product. @type {(a: Vector, b: Vector) => number} */
export function dot(a, b) {
  return a.reduce((sum, x, axis) => sum + x * b[axis], 0);
}

/** The vector product. @type {(a: Vector, b: Vector) => Vector} */
export function cross([a, b, c], [x, y, z]) {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

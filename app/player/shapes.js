// Makes lines in three dimensions, as the coordinate lists that Plotly draws; NaN lifts the pen.

/** @import { Film } from "./film.js" */
/** @import { Points, Vector } from "./types.d.ts" */
import { cross, dot } from "./vectors.js";

export const TRAIL_FRAMES = 24;
const GAP = [NaN, NaN, NaN];
const UP = [0, 0, 1];
export const ARROW_POINTS = 6;
export const ARROW_LENGTH = 1.25; // so that a head is seen beyond the class mean it lands on
const NAME_STEP = 0.055; // of the distance to the viewer

/** @type {(points: Vector[]) => Points} */
function lists(points) {
  return [0, 1, 2].map((axis) => Float32Array.from(points, (at) => at[axis]));
}

/** @type {(points: Points, i: number) => Vector} */
function point([x, y, z], i) {
  return [x[i], y[i], z[i]];
}

/** @type {(count: number) => [number, number][]} */
export function allPairs(count) {
  return Array.from({ length: count }, (_, i) => Array.from({ length: i }, (_, j) => /** @type {[number, number]} */ ([i, j]))).flat();
}

/**
 * A segment from a[i] to b[j] for each pair (i, j), or from a[i] to b[i] when `pairs` is a count.
 * @type {(a: Points, b: Points, pairs: number | [number, number][]) => Points}
 */
export function segments(a, b, pairs) {
  const ends = typeof pairs === "number" ? Array.from({ length: pairs }, (_, i) => [i, i]) : pairs;
  return a.map((list, axis) => {
    const out = new Float32Array(3 * ends.length).fill(NaN);
    ends.forEach(([i, j], at) => {
      out[3 * at] = list[i];
      out[3 * at + 1] = b[axis][j];
    });
    return out;
  });
}

/** The unit circle. @type {() => Points} */
export function circle() {
  return lists(ring((c, s) => [c, s, 0]));
}

/**
 * Three great circles and two parallels of the unit sphere: enough to feel its size, too few to get in the way.
 * @type {() => Points}
 */
export function sphere() {
  /** @type {((c: number, s: number) => Vector)[]} */
  const rings = [(c, s) => [c, s, 0], (c, s) => [c, 0, s], (c, s) => [0, c, s]];
  return lists(rings.flatMap((at) => [...ring(at), GAP]));
}

/** @type {(at: (c: number, s: number) => Vector) => Vector[]} */
function ring(at) {
  return Array.from({ length: 73 }, (_, i) => at(Math.cos((i * Math.PI) / 36), Math.sin((i * Math.PI) / 36)));
}

/** @type {(coordinates: Points, factor: number) => Points} */
export function scaled(coordinates, factor) {
  return coordinates.map((list) => list.map((x) => x * factor));
}

/**
 * Where each class mean came from: its last frames up to the present one.
 * @type {(film: Film, frame: number, place: (name: "means", frame: number) => Points) => Points}
 */
export function trailLines(film, frame, place) {
  const step = TRAIL_FRAMES + 1;
  const lines = [0, 1, 2].map(() => new Float32Array(film.classes * step).fill(NaN));
  for (let back = 0; back < TRAIL_FRAMES; back += 1) {
    const means = place("means", Math.max(0, frame - back));
    lines.forEach((line, axis) => {
      for (let k = 0; k < film.classes; k += 1) line[k * step + back] = means[axis][k];
    });
  }
  return lines;
}

/**
 * Arrows from the origin: a shaft and two barbs that open towards the viewer, a point.
 * @type {(tips: Points, viewer: Vector) => Points}
 */
export function arrows(tips, viewer) {
  /** @type {Vector[]} */
  const points = [];
  for (let k = 0; k < tips[0].length; k += 1) {
    const tip = point(tips, k);
    let side = cross(tip, viewer);
    const length = Math.hypot(...tip);
    if (Math.hypot(...side) < 1e-9 * length) side = cross(tip, UP);
    const width = (0.06 * Math.min(1, length)) / (Math.hypot(...side) || 1);
    /** @type {(sign: number) => Vector} */
    const barb = (sign) => tip.map((x, axis) => x * (1 - 0.13 / Math.max(1, length)) + sign * width * side[axis]);
    points.push([0, 0, 0], tip, barb(1), tip, barb(-1), GAP);
  }
  return lists(points);
}

/**
 * Where names stand: as far out as an arrow's head, and from there a step away from the middle of the picture, as long
 * on screen from wherever it is seen. So no name lies on its own arrow, not even on one that points at the viewer.
 * @type {(means: Points, viewer: Vector) => Points}
 */
export function nameSpots(means, viewer) {
  return lists(Array.from(means[0], (_, k) => {
    const head = point(means, k).map((x) => x * ARROW_LENGTH);
    const sight = viewer.map((x, axis) => x - head[axis]);
    const far = Math.hypot(...sight);
    const along = dot(head, sight) / (far * far || 1);
    const out = head.map((x, axis) => x - along * sight[axis]);
    const step = (NAME_STEP * far) / Math.max(0.05, Math.hypot(...out)); // passing before the middle, no name leaps
    return head.map((x, axis) => x + step * out[axis]);
  }));
}

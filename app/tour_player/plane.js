// Class means in the plane: angles between them, and the turn of a whole picture that brings it nearest to another. The
// run's loss knows only lengths and angles, so a picture may be turned and mirrored as a whole.

/** @import { Vector } from "../player/types.d.ts" */

const TO_DEGREES = 180 / Math.PI;
const NOWHERE_NEAR = 1e-6; // of the longest: what is shorter has no direction
const BETTER = 1e-9;

/** How a picture is brought onto another: mirrored at the first axis, perhaps, then turned by an angle in radians. @typedef {{ angle: number, mirrored: boolean }} Turn */

/** @type {(points: Vector[], turn: Turn) => Vector[]} */
export function turnedBy(points, { angle, mirrored }) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return points.map(([x, y]) => (mirrored ? [c * x + s * y, s * x - c * y] : [c * x - s * y, s * x + c * y]));
}

/**
 * The turn that brings points as near as possible to others, in the sum of squared distances; a mirror only where it
 * brings them nearer.
 * @type {(points: Vector[], truth: Vector[]) => Turn}
 */
export function bestTurn(points, truth) {
  const [from, to] = [points, truth].map(withoutSize);
  const [plain, mirror] = [false, true].map((mirrored) => {
    const seen = turnedBy(from, { angle: 0, mirrored });
    const along = sumOf(seen, ([x, y], k) => x * to[k][0] + y * to[k][1]);
    const across = sumOf(seen, ([x, y], k) => x * to[k][1] - y * to[k][0]);
    return { angle: Math.atan2(across, along), mirrored, gain: Math.hypot(along, across) };
  });
  const { angle, mirrored } = mirror.gain > plain.gain + BETTER ? mirror : plain;
  return { angle, mirrored };
}

/** @type {(points: Vector[], each: (point: Vector, k: number) => number) => number} */
function sumOf(points, each) {
  return points.reduce((sum, point, k) => sum + each(point, k), 0);
}

/** Points over the longest of them, so that no size is too large to be squared. @type {(points: Vector[]) => Vector[]} */
function withoutSize(points) {
  const longest = Math.max(...points.map(lengthOf)) || 1;
  return points.map((point) => point.map((x) => x / longest));
}

/** @type {(point: Vector) => number} */
export function lengthOf([x, y]) {
  return Math.hypot(x, y);
}

/**
 * The angle between each pair of points as seen from 0, in degrees from 0 to 180; null where one of them is at 0.
 * @type {(points: Vector[]) => { pair: [number, number], angle: number | null }[]}
 */
export function anglesBetween(points) {
  const unit = withoutSize(points);
  return unit.flatMap((b, j) => unit.slice(0, j).map((a, i) => {
    const isKnown = lengthOf(a) > NOWHERE_NEAR && lengthOf(b) > NOWHERE_NEAR;
    const angle = Math.abs(Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1])) * TO_DEGREES;
    return { pair: /** @type {[number, number]} */ ([i, j]), angle: isKnown ? angle : null };
  }));
}

/**
 * How far points are off others: of the angles between pairs the mean and the greatest distance, in degrees, null where
 * none can be compared; `longer`, their mean length over that of the others, null where those have none.
 * @type {(points: Vector[], truth: Vector[]) => {
 *   mean: number | null, worst: { pair: [number, number], by: number } | null, pairs: number, longer: number | null,
 * }}
 */
export function offPlacement(points, truth) {
  const ends = anglesBetween(truth);
  const off = anglesBetween(points).flatMap(({ pair, angle }, i) => {
    const end = ends[i].angle;
    return angle === null || end === null ? [] : [{ pair, by: Math.abs(angle - end) }];
  });
  const lengths = [points, truth].map((list) => list.reduce((sum, point) => sum + lengthOf(point) / list.length, 0));
  return {
    mean: off.length ? off.reduce((sum, { by }) => sum + by / off.length, 0) : null,
    worst: off.reduce((/** @type {{ pair: [number, number], by: number } | null} */ most, one) => (most && most.by >= one.by ? most : one), null),
    pairs: off.length,
    longer: lengths[1] > 0 ? lengths[0] / lengths[1] : null,
  };
}

/** An angle in words: whole degrees, below ten with one more digit. @type {(degrees: number) => string} */
export function degreesWords(degrees) {
  return `${degrees < 9.95 ? Number(degrees.toFixed(1)) : Math.round(degrees)}°`;
}

// Finds where a guide's words stand: near their line, and on no curve.

/** @import { Vector } from "./types.d.ts" */

/** @typedef {(Vector | null)[]} Line */

const [AIR, STEPS] = [3, 24]; // pixels of air around words; places tried along each side of a panel

/**
 * The middle of a box of `size` inside `room`, [width, height] in pixels, that touches none of the `lines`, as near as
 * possible to the points `toward`; null where everything is taken. A line is a list of [x, y], null where it is broken.
 * @type {(lines: Line[], toward: Vector[], size: Vector, room: Vector) => Vector | null}
 */
export function freeSpot(lines, toward, size, room) {
  const half = size.map((length) => length / 2 + AIR);
  if (room.some((length, axis) => length < 2 * half[axis])) return null;
  /** @type {(axis: number) => number[]} */
  const along = (axis) => Array.from({ length: STEPS + 1 }, (_, i) => half[axis] + (i / STEPS) * (room[axis] - 2 * half[axis]));
  /** @type {(spot: Vector) => number} */
  const near = ([x, y]) => Math.min(...toward.map(([a, b]) => Math.hypot(a - x, b - y)));
  const spots = along(0).flatMap((x) => along(1).map((y) => ({ at: [x, y], off: near([x, y]) })));
  spots.sort((a, b) => a.off - b.off);
  return spots.find(({ at }) => !lines.some((line) => touches(line, at, half)))?.at ?? null;
}

/** Whether a line meets the box around a middle. @type {(line: Line, at: Vector, half: Vector) => boolean} */
export function touches(line, [x, y], [halfWidth, halfHeight]) {
  return line.some((point, i) => {
    const next = line[i + 1] ?? point;
    if (!point || !next) return false;
    const [[x0, y0], [x1, y1]] = [point, next];
    const [from, to] = [Math.max(Math.min(x0, x1), x - halfWidth), Math.min(Math.max(x0, x1), x + halfWidth)];
    if (from > to) return false;
    /** @type {(where: number) => number} */
    const at = (where) => (x1 === x0 ? y0 : y0 + ((y1 - y0) * (where - x0)) / (x1 - x0));
    const ends = x1 === x0 ? [y0, y1] : [at(from), at(to)];
    return Math.min(...ends) <= y + halfHeight && Math.max(...ends) >= y - halfHeight;
  });
}

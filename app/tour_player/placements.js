// Class means that a class has placed, over one another, and where the run put them once that is shown. Then every answer is
// turned as a whole to where it fits best: only angles and lengths count.

import { classLook } from "../player/colours.js";
import { MARKS } from "../player/marks.js";
import { figure } from "../player/numbers.js";
import { middleOf } from "./axes.js";
import { part, rounded, wordsAt } from "../player/drawing.js";
import { countOf } from "./pictures.js";
import { anglesBetween, bestTurn, degreesWords, lengthOf, offPlacement, turnedBy } from "./plane.js";

/** @import { Film } from "../player/film.js" */
/** @import { Vector } from "../player/types.d.ts" */
/** @import { Part } from "../player/drawing.js" */
/** @import { Box, Picture, Size } from "./pictures.js" */

/** Half the side of a picture of the plane: the unit circle, and room around it. */
export const REACH_OF_PLANE = 1.45;
const [FAINT, CLEAR, TOGETHER] = [0.12, 0.8, 20]; // opacity of a mark, and how much all share
const [SMALL, LARGE] = [0.38, 0.62]; // radii of marks, of a letter's height

/** Where the class means stand in a frame, as the stage shows them. @type {(film: Film, frame: number) => Vector[]} */
export function meansAt(film, frame) {
  const means = film.at("means", frame), unit = film.unit("means", frame, false);
  return Array.from({ length: film.classes }, (_, k) => [0, 1].map((axis) => (axis < film.axes ? means[k * film.axes + axis] / unit : 0)));
}

/**
 * The placements over one another. `frames` are those where the film waits and to where it goes on.
 * @type {(film: Film, frames: { until: number, then: number }, answers: Vector[][], revealed: boolean, size: Size) => Picture}
 */
export function placementsPicture(film, { until, then }, answers, revealed, { em, width, height }) {
  const side = Math.min(width, height);
  const box = { left: (width - side) / 2, top: 0, width: side, height: side };
  const truth = meansAt(film, then);
  const placed = answers.filter((points) => points.length === film.classes);
  const turned = revealed ? placed.map((points) => turnedBy(points, bestTurn(points, truth))) : placed;
  const opacity = Math.min(CLEAR, Math.max(FAINT, TOGETHER / placed.length));
  const marks = turned.flatMap((points) => points.flatMap((point, k) => (isSeen(point) ? [markPart(k, spotIn(box, point), SMALL * em, { opacity })] : [])));
  const anchors = revealed ? truth : meansAt(film, until);
  const fixed = anchors.flatMap((point, k) => meanParts(film, k, point, box, em, revealed));
  const parts = [...planeParts(box, em), ...marks, ...fixed];
  return { parts, height: side, words: placementsWords(film, truth, answers.length, turned, revealed), table: anglesTable(placed, truth, revealed) };
}

/** @type {(point: Vector) => boolean} */
function isSeen(point) {
  return point.every((x) => Math.abs(x) <= REACH_OF_PLANE);
}

/** Pixels of a point. @type {(box: Box, point: Vector) => [number, number]} */
export function spotIn({ left, top, width, height }, [x, y]) {
  const scale = width / (2 * REACH_OF_PLANE);
  return [left + width / 2 + scale * x, top + height / 2 - scale * y];
}

/** The unit circle and its middle. @type {(box: Box, em: number) => Part[]} */
export function planeParts(box, em) {
  const [cx, cy] = spotIn(box, [0, 0]);
  const r = box.width / (2 * REACH_OF_PLANE);
  return [part("circle", { class: "tp-circle", cx, cy, r }), part("circle", { class: "tp-centre", cx, cy, r: 0.16 * em })];
}

/** The mark of a class; open ones are not filled. @type {(k: number, spot: number[], radius: number, has?: Record<string, string | number>) => Part} */
export function markPart(k, [x, y], radius, has = {}) {
  const { colour, symbol, size } = classLook(k, "currentColor");
  const [kind, open] = symbol.split("-");
  /** @type {Record<string, string | number>} */
  const paint = open ? { fill: "none", stroke: colour, "stroke-width": 0.35 } : { fill: colour };
  return part("path", { d: MARKS[kind], transform: `translate(${rounded(x)} ${rounded(y)}) scale(${rounded(radius * size)})`, ...paint, ...has });
}

/** A class mean of the run: a spoke, its mark, and its name beyond it. @type {(film: Film, k: number, point: Vector, box: Box, em: number, strong: boolean) => Part[]} */
export function meanParts(film, k, point, box, em, strong) {
  const [cx, cy] = spotIn(box, [0, 0]);
  const [x, y] = spotIn(box, point);
  const far = Math.hypot(x - cx, y - cy) || 1;
  const out = 1.25 * em;
  const radius = (strong ? LARGE : SMALL) * em;
  return [
    part("line", { class: "tp-spoke", x1: cx, y1: cy, x2: x, y2: y }),
    markPart(k, [x, y], radius + 0.18 * em, { class: "tp-halo", stroke: "none" }), markPart(k, [x, y], radius),
    wordsAt(x + (out * (x - cx)) / far, y + (out * (y - cy)) / far + 0.35 * em, film.nameOf(k), { class: "tp-name", "text-anchor": "middle" }),
  ];
}

/** @type {(film: Film, truth: Vector[], count: number, placed: Vector[][], revealed: boolean) => string} */
function placementsWords(film, truth, count, placed, revealed) {
  if (!count) return "Nobody has answered yet.";
  const all = [`${countOf(count, "answer")}.`];
  const off = placed.flatMap((points) => offPlacement(points, truth).mean ?? []);
  if (revealed && off.length) {
    all.push(off.length > 1 ? `Between class means the answers are ${degreesWords(middleOf(off))} off in the middle; the best is ${degreesWords(Math.min(...off))} off.` : `Between class means it is ${degreesWords(off[0])} off.`);
    all.push("Each answer is turned as a whole to where it fits best: only angles and lengths count.");
  }
  const out = placed.filter((points) => !points.every(isSeen)).length;
  if (out) all.push(`${countOf(out, "answer leaves", "answers leave")} the picture, up to a length of ${figure(Math.max(...placed.flat().map(lengthOf)))}.`);
  const other = count - placed.length;
  if (other) all.push(`${countOf(other, "answer places", "answers place")} another number of class means than ${film.classes}, and ${other === 1 ? "is" : "are"} not drawn.`);
  return all.join(" ");
}

/** The least, mean and greatest angle between class means: that of the answer in the middle, and the run's. @type {(placed: Vector[][], truth: Vector[], revealed: boolean) => string[][]} */
function anglesTable(placed, truth, revealed) {
  /** @type {(points: Vector[]) => number[]} */
  const known = (points) => anglesBetween(points).flatMap(({ angle }) => angle ?? []);
  /** @type {[string, (angles: number[]) => number][]} */
  const kinds = [
    ["smallest angle", (angles) => Math.min(...angles)], ["mean angle", (angles) => angles.reduce((sum, x) => sum + x / angles.length, 0)], ["largest angle", (angles) => Math.max(...angles)],
  ];
  const answers = placed.map(known).filter((angles) => angles.length), end = known(truth);
  const rows = kinds.map(([name, of]) => [name, answers.length ? degreesWords(middleOf(answers.map(of))) : "–", ...(revealed ? [end.length ? degreesWords(of(end)) : "–"] : [])]);
  return [["between class means", "answer in the middle", ...(revealed ? ["the run"] : [])], ...rows];
}

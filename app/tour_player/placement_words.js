// What is said of placed class means once the run is at its end.

import { figure } from "../player/numbers.js";
import { bestTurn, degreesWords, offPlacement } from "./plane.js";

/** @import { Film } from "../player/film.js" */
/** @import { Vector } from "../player/types.d.ts" */

const [UNTURNED, SAME_ANGLE, SAME_LENGTH] = [1, 0.05, 0.005]; // degrees that nobody sees; of angles and lengths what no digit shows

/** How far angles and lengths are off, and how the picture was turned for that. @type {(film: Film, points: Vector[], truth: Vector[]) => string} */
export function placementWords(film, points, truth) {
  const { mean, worst, pairs, longer } = offPlacement(points, truth);
  const all = [];
  if (mean === null || !worst) all.push("A class mean in the middle has no direction, so there are no angles to compare.");
  else if (worst.by < SAME_ANGLE) all.push("The angles between your class means are those of the run.");
  else if (pairs === 1) all.push(`The angle between your class means is ${degreesWords(mean)} off.`);
  else all.push(`The angles between your class means are ${degreesWords(mean)} off on average, and at most ${degreesWords(worst.by)}, between ${worst.pair.map((k) => film.nameOf(k)).join(" and ")}.`);
  if (longer !== null) all.push(Math.abs(longer - 1) < SAME_LENGTH ? "They are as long as the run's." : `They are ${figure(longer)} times as long as the run's.`);
  const turn = bestTurn(points, truth), degrees = Math.abs(turn.angle * 180) / Math.PI;
  const turned = degrees < UNTURNED ? "" : `turned by ${degreesWords(degrees)}`;
  const how = [turn.mirrored ? "mirrored" : "", turned].filter(Boolean).join(" and ");
  if (how) all.push(`For the comparison your picture is ${how} as a whole: only angles and lengths count.`);
  return all.join(" ");
}

// Draws the K x K cosine matrix: the one picture of equal angles that no projection distorts.

/** @import { Numbers } from "./types.d.ts" */
import { figure } from "./numbers.js";
import { contextOf } from "./parts.js";

/**
 * Diverging blue-white-orange, told apart by colour-blind people: blank at the ideal -1/(K-1), so collapse empties it.
 * Colours are [r, g, b].
 * @type {(cosine: number, ideal: number, ground: number[]) => number[]}
 */
export function matrixShade(cosine, ideal, ground) {
  const deviation = cosine - ideal;
  const share = Math.min(1, Math.sqrt(Math.abs(deviation) / (deviation > 0 ? 1 - ideal : 1 + ideal || 1)));
  const end = deviation > 0 ? [213, 94, 0] : [0, 114, 178];
  return ground.map((g, i) => Math.round(g + (end[i] - g) * share));
}

/**
 * Draws one frame's matrix: squares above the ideal, discs below it, so that the side is seen without colours too;
 * struck through where an angle is not defined. Returns what a screen reader says of it.
 * @type {(canvas: HTMLCanvasElement, cosines: Numbers, classes: number, ground: number[]) => string}
 */
export function drawMatrix(canvas, cosines, classes, ground) {
  const context = contextOf(canvas);
  const ideal = -1 / (classes - 1);
  /** @type {(i: number) => number} */
  const edge = (i) => Math.round((i * canvas.width) / classes);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = context.fillStyle = "rgba(128,128,128,0.6)";
  context.beginPath();
  let [sum, largest, known] = [0, 0, 0];
  /** @type {{ at: number[], colour: string }[]} */
  const discs = [];
  for (let i = 0; i < classes; i += 1) {
    for (let j = 0; j < classes; j += 1) {
      const cosine = cosines[i * classes + j];
      const [x, y, right, bottom] = [edge(j), edge(i), edge(j + 1), edge(i + 1)];
      if (i !== j && !Number.isFinite(cosine)) {
        context.moveTo(x, bottom);
        context.lineTo(right, y);
        continue;
      }
      const colour = i === j ? "rgba(128,128,128,0.35)" : `rgb(${matrixShade(cosine, ideal, ground).join(",")})`;
      context.fillStyle = colour;
      if (i === j || cosine >= ideal) context.fillRect(x, y, right - x, bottom - y);
      else discs.push({ at: [(x + right) / 2, (y + bottom) / 2, (right - x) / 2], colour });
      if (i === j) continue;
      sum += cosine;
      known += 1;
      largest = Math.max(largest, Math.abs(cosine - ideal));
    }
  }
  context.stroke();
  for (const { at: [x, y, radius], colour } of discs) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
  return matrixWords(known, classes * (classes - 1), sum / known, ideal, largest);
}

/** @type {(known: number, pairs: number, mean: number, ideal: number, largest: number) => string} */
function matrixWords(known, pairs, mean, ideal, largest) {
  if (!known) return "Cosines between classes: not defined here.";
  const missing = known < pairs ? `, ${pairs - known} of ${pairs} not defined` : "";
  return `Cosines between classes: mean ${figure(mean)}, ideal ${figure(ideal)}, largest difference ${figure(largest)}${missing}.`;
}

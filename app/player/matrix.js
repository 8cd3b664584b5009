// The K x K cosine matrix: the one picture of equal angles that no projection distorts.

/**
 * Diverging blue-white-orange, told apart by colour-blind people: blank at the ideal -1/(K-1), so collapse empties it.
 * @param {number} cosine
 * @param {number} ideal
 * @param {{ground: number[]}} palette colours as [r, g, b]
 */
function matrixColour(cosine, ideal, ground) {
  const deviation = cosine - ideal;
  const share = Math.min(1, Math.sqrt(Math.abs(deviation) / (deviation > 0 ? 1 - ideal : 1 + ideal || 1)));
  const end = deviation > 0 ? [213, 94, 0] : [0, 114, 178];
  return `rgb(${ground.map((g, i) => Math.round(g + (end[i] - g) * share)).join(",")})`;
}

/** Draws one frame's matrix and returns what a screen reader says of it. */
function drawMatrix(canvas, cosines, classes, ground) {
  const context = canvas.getContext("2d");
  const ideal = -1 / (classes - 1);
  const side = canvas.width / classes;
  let [sum, largest] = [0, 0];
  for (let i = 0; i < classes; i += 1) {
    for (let j = 0; j < classes; j += 1) {
      const cosine = cosines[i * classes + j];
      context.fillStyle = i === j ? "rgba(128,128,128,0.35)" : matrixColour(Number.isFinite(cosine) ? cosine : 0, ideal, ground);
      context.fillRect(Math.round(j * side), Math.round(i * side), Math.ceil(side), Math.ceil(side));
      if (i !== j) {
        sum += cosine;
        largest = Math.max(largest, Math.abs(cosine - ideal));
      }
    }
  }
  const mean = sum / (classes * (classes - 1));
  return `Cosines between classes: mean ${figure(mean)}, ideal ${figure(ideal)}, largest difference ${figure(largest)}.`;
}

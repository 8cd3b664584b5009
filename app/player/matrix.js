// Draws the K x K cosine matrix: the one picture of equal angles that no projection distorts.

/** @import { Crowd, Numbers } from "./types.d.ts" */
import { figure } from "./numbers.js";
import { contextOf } from "./parts.js";

/**
 * Diverging blue-white-orange, told apart by colour-blind people: blank at the ideal -1/(K-1), so collapse empties it.
 * Colours are [r, g, b].
 * @type {(cosine: number, ideal: number, ground: number[]) => number[]}
 */
export function matrixShade(cosine, ideal, ground) {
  const deviation = cosine - ideal;
  const share = Math.min(1, Math.sqrt(Math.abs(deviation) / ((deviation > 0 ? 1 - ideal : 1 + ideal) || 1)));
  const end = deviation > 0 ? [213, 94, 0] : [0, 114, 178];
  return ground.map((g, i) => Math.round(g + (end[i] - g) * share));
}

/** Whether a row is of several classes, which have cosines between themselves. @type {(crowd: Crowd | undefined, row: number) => boolean} */
export function isBlock(crowd, row) {
  return (crowd?.blocks[row] ?? 1) > 1;
}

/** Colours as the bytes of a pixel, red, green, blue and opacity, make a number. */
const [NONE, OPAQUE, SELF] = [0, 0xff000000, 0x59808080];

/**
 * The matrix on a canvas: squares above the ideal, discs below it, so that the side is seen without colours too; struck
 * through where an angle is not defined. It writes pixels itself: twenty classes are 380 shapes, and a canvas that is
 * told to draw each takes as long as all the rest of a frame.
 */
export class MatrixPicture {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.context = contextOf(canvas);
    this.side = canvas.width;
    this.image = this.context.createImageData(this.side, this.side);
    this.pixels = new Uint32Array(this.image.data.buffer);
    /** How much of each pixel lies within its cell's disc, as an opacity. */
    this.discs = new Uint32Array(this.pixels.length);
    /** Where cells begin from the left and from the top, and where the last one ends. @type {number[]} */
    this.edges = [];
  }

  /**
   * Draws one frame's matrix; returns what a screen reader says of it. `best` are the cosines at which it is blank, where
   * they are not those of a simplex. Of a `crowd` each row is a block of classes, which has a cosine within itself, too.
   * @type {(cosines: Numbers, classes: number, ground: number[], best?: number[] | null, crowd?: Crowd) => string}
   */
  draw(cosines, classes, ground, best = null, crowd = undefined) {
    const simplex = -1 / ((crowd?.classes ?? classes) - 1);
    if (classes !== this.edges.length - 1) this.#divide(classes);
    /** @type {[number, number][]} */
    const missing = [];
    let [sum, largest, known, selves] = [0, 0, 0, 0];
    for (let row = 0; row < classes; row += 1) {
      for (let column = 0; column < classes; column += 1) {
        const cosine = cosines[row * classes + column];
        const ideal = best ? best[row * classes + column] : simplex;
        if (row === column && !isBlock(crowd, row)) {
          selves += 1;
          this.#fill(row, column, SELF, false);
        } else if (Number.isFinite(cosine)) {
          const [red, green, blue] = matrixShade(cosine, ideal, ground);
          this.#fill(row, column, red | (green << 8) | (blue << 16) | OPAQUE, cosine < ideal);
          sum += cosine;
          known += 1;
          largest = Math.max(largest, Math.abs(cosine - ideal));
        } else {
          this.#fill(row, column, NONE, false);
          missing.push([row, column]);
        }
      }
    }
    this.context.putImageData(this.image, 0, 0);
    this.#strike(missing);
    return matrixWords(crowd ? "blocks of classes" : "classes", known, classes ** 2 - selves, sum / known, best ? null : simplex, largest);
  }

  /** Cuts the picture into cells, each with a disc. @type {(classes: number) => void} */
  #divide(classes) {
    const { side, discs } = this;
    const edges = Array.from({ length: classes + 1 }, (_, i) => Math.round((i * side) / classes));
    this.edges = edges;
    const [offs, radii] = [0, 1].map(() => new Float64Array(side)); // of a pixel from the middle of its cell, either way
    for (let k = 0; k < classes; k += 1) {
      for (let x = edges[k]; x < edges[k + 1]; x += 1) {
        offs[x] = x + 0.5 - (edges[k] + edges[k + 1]) / 2;
        radii[x] = (edges[k + 1] - edges[k]) / 2;
      }
    }
    for (let y = 0, i = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1, i += 1) {
        const within = radii[x] - Math.sqrt(offs[x] * offs[x] + offs[y] * offs[y]) + 0.5;
        discs[i] = Math.round(255 * Math.min(1, Math.max(0, within))) << 24;
      }
    }
  }

  /** Gives a cell, or the disc in it, a colour. @type {(row: number, column: number, colour: number, isDisc: boolean) => void} */
  #fill(row, column, colour, isDisc) {
    const { side, edges, pixels, discs } = this;
    const clear = colour & ~OPAQUE;
    for (let y = edges[row]; y < edges[row + 1]; y += 1) {
      const from = y * side + edges[column], end = y * side + edges[column + 1];
      if (isDisc) for (let i = from; i < end; i += 1) pixels[i] = clear | discs[i];
      else for (let i = from; i < end; i += 1) pixels[i] = colour;
    }
  }

  /** Draws a line through each of these cells. @type {(cells: [number, number][]) => void} */
  #strike(cells) {
    const { context, edges } = this;
    context.strokeStyle = "rgba(128,128,128,0.6)";
    context.beginPath();
    for (const [row, column] of cells) {
      context.moveTo(edges[column], edges[row + 1]);
      context.lineTo(edges[column + 1], edges[row]);
    }
    context.stroke();
  }
}

/** @type {(of: string, known: number, pairs: number, mean: number, ideal: number | null, largest: number) => string} */
function matrixWords(of, known, pairs, mean, ideal, largest) {
  if (!known) return `Cosines between ${of}: not defined here.`;
  const missing = known < pairs ? `, ${pairs - known} of ${pairs} not defined` : "";
  return `Cosines between ${of}: mean ${figure(mean)}, ${ideal === null ? "" : `ideal ${figure(ideal)}, `}largest difference${ideal === null ? " from the best" : ""} ${figure(largest)}${missing}.`;
}

// Normal numbers by the ziggurat of 256 layers under exp(-x^2/2), as NumPy's Generator draws them (Marsaglia and Tsang
// 2000; Doornik 2005): a layer, and a point in it, by one random word, which all but 1 of 80 times is the number.

/** @import { Pcg64 } from "./pcg64.js" */
import { LAYER_WIDTHS } from "./ziggurat.js";

const LAYER_PARTS = 2 ** 52;
/** Where the tail begins, below which the layer at the bottom is a rectangle of the others' area. */
const TAIL_BEGINS = LAYER_WIDTHS[255] * LAYER_PARTS;
/** Numbers of parts below which a point of a layer lies under the curve for sure; of layer 1 none does. */
const SURE_PARTS = LAYER_WIDTHS.map((width, i) => (i === 1 ? 0 : roundedToEven((LAYER_WIDTHS[(i + 255) % 256] / width) * LAYER_PARTS)));
/** The height of the curve at each layer's outer edge; layer 0 goes on in the tail. */
const LAYER_HEIGHTS = LAYER_WIDTHS.map((width, i) => (i ? bellCurve(width * LAYER_PARTS) : 1));

/** The nearest whole number to one from 2^51 to 2^52, of two the even one. @type {(value: number) => number} */
function roundedToEven(value) {
  return value + LAYER_PARTS - LAYER_PARTS;
}

/** @type {(x: number) => number} */
function bellCurve(x) {
  return Math.exp(-0.5 * x * x);
}

/**
 * The next normal number of a generator: what `numpy.random.Generator.standard_normal` draws. Where a point is
 * near the curve, this machine's exponential says on which side; a number in the tail, 1 of 4,000, is of its logarithm,
 * and may differ in the last bit.
 * @type {(bits: Pcg64) => number}
 */
export function standardNormal(bits) {
  for (;;) {
    bits.draw();
    const { low, high } = bits;
    const layer = low & 255;
    const part = (high & 0x1fffffff) * 2 ** 23 + (low >>> 9);
    const x = (low & 256 ? -part : part) * LAYER_WIDTHS[layer];
    if (part < SURE_PARTS[layer]) return x;
    if (layer === 0) return low & 0x20000 ? -numberOfTail(bits) : numberOfTail(bits);
    const height = (LAYER_HEIGHTS[layer - 1] - LAYER_HEIGHTS[layer]) * bits.uniform() + LAYER_HEIGHTS[layer];
    if (height < bellCurve(x)) return x;
  }
}

/** A number beyond where the tail begins (Marsaglia 1964). @type {(bits: Pcg64) => number} */
function numberOfTail(bits) {
  for (;;) {
    const beyond = (-1 / TAIL_BEGINS) * Math.log1p(-bits.uniform());
    const level = -Math.log1p(-bits.uniform());
    if (2 * level > beyond * beyond) return TAIL_BEGINS + beyond;
  }
}

/** So many normal numbers in a row. @type {(bits: Pcg64, count: number) => Float64Array} */
export function standardNormals(bits, count) {
  return Float64Array.from({ length: count }, () => standardNormal(bits));
}

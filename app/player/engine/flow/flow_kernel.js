// The kernel of the flow: the gradient of the kernel that takes steps, the loss with it, and sums of whole vectors, so that
// no stage of a step leaves its memory.

/** @import { Code, Place } from "../wasm/instructions.js" */
/** @import { KernelParts, Loss, Regulariser } from "../parts.d.ts" */
import { CROSS_ENTROPY } from "../losses/cross_entropy.js";
import { ModuleWriter, Routine } from "../wasm/assembler.js";
import { KernelLayout, NUMBER_BYTES, VECTOR_BYTES } from "../wasm/layout.js";
import { TYPES, along, call, f64, f64x2, global, i32, local, v128, when } from "../wasm/instructions.js";
import { innerProducts, multiples } from "../wasm/products.js";
import { laneSum, sweep } from "../wasm/sweeps.js";
import { writtenGradient } from "../wasm/kernel.js";

/** A term of a sum: the address of its vector, then its factor. */
export const TERM_BYTES = 16;
const FACTOR_AT = 8;
/** The dense output of DOP853 has 18. */
export const MOST_TERMS = 20;
/** Vectors of numbers whose growths are gathered in one product, at most K^64 with both lanes, before its logarithm is taken. */
const GATHERED_VECTORS = 32;
const AT_ONCE_BYTES = 2 * VECTOR_BYTES;

/** A layout with room for vectors like theta, growths, the terms of a sum, and a matrix (d, d), `square`. */
export class FlowLayout extends KernelLayout {
  /** @param {number[]} sizes @param {number} dimension @param {number} vectors */
  constructor(sizes, dimension, vectors) {
    super(sizes, dimension, vectors);
    this.growths = this.bytes;
    this.terms = this.growths + this.stride;
    this.square = this.terms + MOST_TERMS * TERM_BYTES;
    this.bytes = this.square + dimension * dimension * NUMBER_BYTES;
  }
}

/**
 * What the flow's module exports; vectors are given by their addresses.
 * @typedef {object} FlowExports
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Global<"f64">} shift
 * @property {(theta: number) => number} lossAt L e^-shift, and leaves its gradient in the slope; only for cross-entropy alone
 * @property {(theta: number) => void} pullAt leaves in the slope the gradient of the value, or without a regulariser e^-shift
 * times that of the sum of losses
 * @property {(out: number, bytes: number) => void} sum out = the sum of the terms, of so many bytes, at least one
 * @property {(vector: number) => number} squares ||vector||^2
 * @property {(vector: number) => void} products square = H H^T
 * @property {(vector: number, out: number) => void} turned the H of `out` = square H
 */

/**
 * The module of the model's own flow, or with `parts` of that of another value.
 * @type {(layout: FlowLayout, parts: { loss: Loss, regulariser: Regulariser | null } | null) => Uint8Array<ArrayBuffer>}
 */
export function flowModule(layout, parts) {
  const writer = new ModuleWriter();
  const [exp, log, log1p] = ["exp", "log", "log1p"].map((name) => writer.mathematics(name));
  /** @type {Record<string, Place>} */
  const numbers = {};
  const number = (/** @type {string} */ name) => global.get((numbers[name] ??= writer.global(0, name)));
  const { gradient, shift, bound } = writtenGradient(writer, layout, parts?.loss ?? CROSS_ENTROPY, number);
  if (parts === null) writer.routine(lossAt(layout, { gradient, shift, bound, log1p }), "lossAt");
  else {
    const kept = (/** @type {number} */ start) => writer.global(start);
    const kernel = { layout, number, kept, shift, logScale: f64.const(0), logTime: kept(-Infinity), bound, exp, log, log1p };
    writer.routine(pullAt(layout, gradient, parts.regulariser, kernel), "pullAt");
  }
  writer.routine(sumOfTerms(layout), "sum");
  writer.routine(sumsOfSquares(layout), "squares");
  writer.routine(productsOfRows(layout), "products");
  writer.routine(turnedRows(layout), "turned");
  return writer.bytes(layout.bytes);
}

/**
 * Does `body(at, offset)` for each vector of two numbers in a theta; `at` is its distance from the beginning.
 * @type {(routine: Routine, layout: FlowLayout, body: (at: Code, offset: number) => Code) => Code}
 */
function throughout(routine, { thetaBytes }, body) {
  return sweep(routine, 0, thetaBytes, (pointer, offset) => body(local.get(pointer), offset));
}

/** Puts theta where the gradient is found. @type {(routine: Routine, layout: FlowLayout, theta: Place) => Code} */
function putIn(routine, layout, theta) {
  return throughout(routine, layout, (from, offset) => v128.store(from, v128.load(i32.add(local.get(theta), from), offset), layout.W + offset));
}

/** @type {(layout: FlowLayout, gradient: Place, regulariser: Regulariser | null, kernel: KernelParts) => Routine} */
function pullAt(layout, gradient, regulariser, kernel) {
  const routine = new Routine([TYPES.i32]);
  const theta = routine.parameter(0);
  routine.body = [putIn(routine, layout, theta), call(gradient), regulariser ? regulariser.kernel(routine, kernel) : []];
  return routine;
}

/**
 * Puts theta where the gradient is found, finds it, and sums the losses: the bound is the sum of the largest gaps that are
 * positive, the rest of each follows from its growth. prod_i (1 + growth_i) - 1 is gathered, which keeps the relative
 * accuracy of small growths and takes one log1p for many samples; under a shift, where 1 + S is 1, their sum.
 * @type {(layout: FlowLayout, known: { gradient: Place, shift: Place, bound: Place, log1p: Place }) => Routine}
 */
function lossAt(layout, { gradient, shift, bound, log1p }) {
  const routine = new Routine([TYPES.i32], [TYPES.f64]);
  const theta = routine.parameter(0);
  const [at, end] = [routine.pointer(), routine.pointer()];
  const [growth, grown] = [routine.vector(), routine.vector()];
  const loss = routine.number();
  const { get, set } = local;
  const last = i32.const(layout.growths + layout.stride);
  const gathered = i32.const(GATHERED_VECTORS * VECTOR_BYTES);
  const [first, second] = [f64x2.lane(get(grown), 0), f64x2.lane(get(grown), 1)];
  const product = f64.add(f64.add(first, second), f64.multiply(first, second));
  const next = set(growth, v128.load(get(at)));
  const chunks = [
    set(end, i32.add(get(at), gathered)),
    when(i32.less(last, get(end)), set(end, last)),
    set(grown, f64x2.const(0)),
    along(at, VECTOR_BYTES, get(end), [
      next,
      set(grown, f64x2.add(get(grown), f64x2.add(get(growth), f64x2.multiply(get(growth), get(grown))))),
    ]),
    set(loss, f64.add(get(loss), call(log1p, product))),
  ];
  routine.body = [
    putIn(routine, layout, theta),
    call(gradient),
    set(loss, global.get(bound)),
    set(at, i32.const(layout.growths)),
    when(
      f64.equals(global.get(shift), f64.const(0)),
      along(at, 0, last, chunks),
      [
        set(grown, f64x2.const(0)),
        along(at, VECTOR_BYTES, last, set(grown, f64x2.add(get(grown), v128.load(get(at))))),
        set(loss, laneSum(get(grown))),
      ],
    ),
    get(loss),
  ];
  return routine;
}

/** @type {(layout: FlowLayout) => Routine} */
function sumOfTerms(layout) {
  const routine = new Routine([TYPES.i32, TYPES.i32]);
  const [out, bytes] = [routine.parameter(0), routine.parameter(1)];
  const [at, end, term, vector] = Array.from({ length: 4 }, () => routine.pointer());
  const [first, second, factor] = Array.from({ length: 3 }, () => routine.vector());
  const { get, set } = local;
  const more = (/** @type {Place} */ sum, /** @type {number} */ offset) =>
    set(sum, f64x2.add(get(sum), f64x2.multiply(get(factor), v128.load(get(vector), offset))));
  routine.body = [
    set(end, i32.add(i32.const(layout.terms), get(bytes))),
    set(at, i32.const(0)),
    along(at, AT_ONCE_BYTES, i32.const(layout.thetaBytes), [
      [first, second].map((sum) => set(sum, f64x2.const(0))),
      set(term, i32.const(layout.terms)),
      along(term, TERM_BYTES, get(end), [
        set(vector, i32.add(i32.load(get(term)), get(at))),
        set(factor, v128.spread(get(term), FACTOR_AT)),
        more(first, 0),
        more(second, VECTOR_BYTES),
      ]),
      v128.store(i32.add(get(out), get(at)), get(first)),
      v128.store(i32.add(get(out), get(at)), get(second), VECTOR_BYTES),
    ]),
  ];
  return routine;
}

/** @type {(layout: FlowLayout) => Routine} */
function sumsOfSquares(layout) {
  const routine = new Routine([TYPES.i32], [TYPES.f64]);
  const vector = routine.parameter(0);
  const [sum, value] = [routine.vector(), routine.vector()];
  const { get, set } = local;
  routine.body = [
    throughout(routine, layout, (at, offset) => [
      set(value, v128.load(i32.add(get(vector), at), offset)),
      set(sum, f64x2.add(get(sum), f64x2.multiply(get(value), get(value)))),
    ]),
    laneSum(get(sum)),
  ];
  return routine;
}

/** The rows of the H of a vector. @type {(layout: FlowLayout, vector: Place) => import("../wasm/products.js").Matrix} */
function featureRows({ H, stride }, vector) {
  return { at: i32.add(local.get(vector), i32.const(H)), row: stride, term: stride };
}

/** @type {(layout: FlowLayout) => import("../wasm/products.js").Matrix} */
function squareRows({ square, dimension }) {
  return { at: i32.const(square), row: dimension * NUMBER_BYTES, term: NUMBER_BYTES };
}

/** @type {(layout: FlowLayout) => Routine} */
function productsOfRows(layout) {
  const routine = new Routine([TYPES.i32]);
  const { dimension: d, square, stride } = layout;
  const H = featureRows(layout, routine.parameter(0));
  const at = routine.pointer();
  routine.body = [
    local.set(at, i32.const(square)),
    along(at, NUMBER_BYTES, i32.const(square + d * d * NUMBER_BYTES), f64.store(local.get(at), f64.const(0))),
    innerProducts(routine, d, d, H, H, squareRows(layout), i32.const(stride)),
  ];
  return routine;
}

/** @type {(layout: FlowLayout) => Routine} */
function turnedRows(layout) {
  const routine = new Routine([TYPES.i32, TYPES.i32]);
  const { dimension: d, stride } = layout;
  const [from, out] = [routine.parameter(0), routine.parameter(1)].map((vector) => featureRows(layout, vector));
  routine.body = multiples(routine, d, d, squareRows(layout), from, out, i32.const(stride));
  return routine;
}

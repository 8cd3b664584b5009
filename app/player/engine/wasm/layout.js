// Where the arrays of a run lie in the memory of its kernel, and how its samples are arranged there.

/** @import { State } from "../types.d.ts" */
import { PAGE_BYTES } from "./assembler.js";

export const NUMBER_BYTES = 8;
/** Two numbers: what one instruction works on. */
export const VECTOR_BYTES = 16;
const LANES = 2;
/** Vectors that products work on at once: each coefficient is loaded once for two of them. */
const PAIR = 2;
/** Columns of logits that are worked on at once: with their part of H they stay in the first cache. */
const BLOCK_COLUMNS = 128;

/** @type {(count: number, whole: number) => number} */
const roundedUp = (count, whole) => Math.ceil(count / whole) * whole;

/**
 * Samples are columns, the contiguous axis. Each class begins at a whole vector, so that a vector has one class; columns
 * of zeros fill each class up, and the last one up to a whole pair of vectors.
 *
 * theta, its gradient (`slope`) and what a rule remembers (`memories`) are each a W (K, d), row after row, followed by
 * an H (d, columns), at one distance: what moves both blocks alike is one loop.
 */
export class KernelLayout {
  /** @param {number[]} sizes of the K classes @param {number} dimension @param {number} memories of the rule */
  constructor(sizes, dimension, memories) {
    const K = sizes.length;
    this.sizes = sizes;
    this.classes = K;
    this.dimension = dimension;
    /** The first column of each class, and the number of all columns after the last. */
    this.first = [0];
    for (const size of sizes) this.first.push(this.first[this.first.length - 1] + roundedUp(size, LANES));
    this.columns = roundedUp(this.first[K], LANES * PAIR);
    this.first[K] = this.columns;
    this.blockColumns = Math.min(BLOCK_COLUMNS, this.columns);

    /** Bytes from row to row of H and of the logits of a block. */
    this.stride = this.columns * NUMBER_BYTES;
    this.logitsStride = this.blockColumns * NUMBER_BYTES;

    const blockW = roundedUp(K * dimension, LANES * PAIR) * NUMBER_BYTES;
    this.thetaBytes = blockW + dimension * this.stride;
    this.W = 0;
    this.H = blockW;
    this.slopeW = this.thetaBytes;
    this.slopeH = this.thetaBytes + blockW;
    /** Addresses of the memories, each with blocks as theta. */
    this.memories = Array.from({ length: memories }, (_, i) => (2 + i) * this.thetaBytes);
    this.logits = (2 + memories) * this.thetaBytes;
    /** A number for each column, by which a loss tells samples from padding. */
    this.columnKinds = this.logits + K * this.logitsStride;
    /** For each vector of samples the distance of its class's row of logits from the first one, in whole numbers. */
    this.ownRows = this.columnKinds + this.stride;
    /** For each class the bytes in a row of H where it begins and ends, as two whole numbers; its size; room for a number. */
    this.classBounds = roundedUp(this.ownRows + 4 * (this.columns / LANES), NUMBER_BYTES);
    this.classSizes = this.classBounds + K * NUMBER_BYTES;
    this.classSquares = this.classSizes + K * NUMBER_BYTES;
    /** Where a number for each sample is kept from which the loss follows, in layouts that have room for it. @type {number | null} */
    this.growths = null;
    this.bytes = roundedUp(this.classSquares + K * NUMBER_BYTES, PAGE_BYTES);
  }

  /** Writes what does not change during a run. @type {(memory: ArrayBuffer, kinds: { sample: number, padding: number }) => void} */
  prepare(memory, kinds) {
    const columns = new Float64Array(memory, this.columnKinds, this.columns).fill(kinds.padding);
    const rows = new Int32Array(memory, this.ownRows, this.columns / LANES);
    const bounds = new Int32Array(memory, this.classBounds, 2 * this.classes);
    new Float64Array(memory, this.classSizes, this.classes).set(this.sizes);
    this.sizes.forEach((size, k) => {
      bounds.set([this.first[k] * NUMBER_BYTES, this.first[k + 1] * NUMBER_BYTES], 2 * k);
      columns.fill(kinds.sample, this.first[k], this.first[k] + size);
      rows.fill(k * this.logitsStride, this.first[k] / LANES, this.first[k + 1] / LANES);
    });
  }

  /** Writes W and H into the blocks at an address. @type {(memory: ArrayBuffer, address: number, state: State) => void} */
  write(memory, address, { W, H }) {
    new Float64Array(memory, address + this.W, W.length).set(W);
    this.#eachRow(memory, address, (row, k, given) => row.set(H.subarray(given, given + this.sizes[k])));
  }

  /** The W and H at an address. @type {(memory: ArrayBuffer, address: number) => State} */
  read(memory, address) {
    const W = new Float64Array(memory, address + this.W, this.classes * this.dimension).slice();
    const H = new Float64Array(this.dimension * this.sizes.reduce((sum, size) => sum + size, 0));
    this.#eachRow(memory, address, (row, _, given) => H.set(row, given));
    return { W, H };
  }

  /**
   * Each class's part of each row of an H: its place in memory, its class, and where it begins in an H without padding.
   * @type {(memory: ArrayBuffer, address: number, each: (row: Float64Array, k: number, given: number) => void) => void}
   */
  #eachRow(memory, address, each) {
    let given = 0;
    for (let j = 0; j < this.dimension; j += 1) {
      for (let k = 0; k < this.classes; k += 1) {
        const at = address + this.H + j * this.stride + this.first[k] * NUMBER_BYTES;
        each(new Float64Array(memory, at, this.sizes[k]), k, given);
        given += this.sizes[k];
      }
    }
  }
}

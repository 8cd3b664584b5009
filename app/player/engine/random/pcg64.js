// NumPy's default generator of random bits, PCG64: a linear congruence of 128 bits, of which each draw shows 64
// (XSL-RR; O'Neill 2014, "PCG: A family of simple fast space-efficient statistically good algorithms").

import { seedSequence } from "./seed_sequence.js";

const PCG_MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/** Random words of 64 bits from a seed of 32, those of `numpy.random.PCG64(seed)`. */
export class Pcg64 {
  /** The lower and the upper half of the last word drawn. */
  low = 0;
  high = 0;
  #state;
  #increment;
  /** The state's two halves, and the same in words of 32 bits, the lowest first: on them bits are turned. */
  #halves = new BigUint64Array(2);
  #words = new Uint32Array(this.#halves.buffer);

  /** @param {number} seed */
  constructor(seed) {
    const words = seedSequence(seed, 8);
    const [start, sequence] = [0, 4].map((at) => [1, 0, 3, 2].reduce((sum, i) => (sum << 32n) | BigInt(words[at + i]), 0n));
    this.#increment = (sequence << 1n) | 1n;
    this.#state = this.#after(this.#increment + start);
  }

  /** Draws a word, of which `low` and `high` are the halves. */
  draw() {
    this.#state = this.#after(this.#state);
    this.#halves[0] = this.#state; // what is above 64 bits falls off
    this.#halves[1] = this.#state >> 64n;
    const low = this.#words[0] ^ this.#words[2];
    const high = this.#words[1] ^ this.#words[3];
    const turn = this.#words[3] >>> 26;
    const one = turn < 32 ? low : high;
    const other = turn < 32 ? high : low;
    const by = turn % 32;
    this.low = (by ? (one >>> by) | (other << (32 - by)) : one) >>> 0;
    this.high = (by ? (other >>> by) | (one << (32 - by)) : other) >>> 0;
  }

  /** Draws a number from 0 up to, but not including, 1. @type {() => number} */
  uniform() {
    this.draw();
    return (this.high * 2 ** 21 + (this.low >>> 11)) * 2 ** -53;
  }

  /** @type {(state: bigint) => bigint} */
  #after(state) {
    return BigInt.asUintN(128, state * PCG_MULTIPLIER + this.#increment);
  }
}

// The flow's vector field: -grad log L, in which nothing under- or overflows at any margin (docs/theory.md 5.3), or -grad F
// of a value F that has a least one (6.9).

/** @import { Objective } from "../objective.js" */
/** @import { State } from "../types.d.ts" */
/** @import { FlowExports } from "./flow_kernel.js" */
import { CROSS_ENTROPY } from "../losses/cross_entropy.js";
import { FlowLayout, MOST_TERMS, TERM_BYTES, flowModule } from "./flow_kernel.js";
import { NUMBER_BYTES } from "../wasm/layout.js";
import { instanceOf } from "../wasm/modules.js";
import { multiply } from "../linear_algebra.js";
import { normOfSquares } from "./norm.js";

/** exp of more overflows. A trial step that far off is rejected by its error, which is then infinite or enormous. */
const LARGEST_EXPONENT = 700;
/** Multiplications after which a pause is offered: some milliseconds. */
const PAUSE_AFTER = 2_000_000;

/** A vector like theta, W and then H, in the memory of the field: its address. @typedef {number} Vector */

/** The field of a run, and the vectors that it works on. */
export class LogField {
  #layout;
  #kernel;
  #addresses;
  #factors;
  #evaluated = 0;
  #pauseAfter;
  #objective;
  /** What the gradient in the kernel has to be multiplied with. */
  #scale = 1;

  /**
   * @param {number[]} sizes of the classes
   * @param {number} d
   * @param {number} logWeight of the loss, where the field is -grad log L: 0 for the sum
   * @param {number} vectors
   * @param {Objective | null} objective the value F where the field is -grad F, in which weights are already
   */
  constructor(sizes, d, logWeight, vectors, objective = null) {
    const [K, N] = [sizes.length, sizes.reduce((sum, size) => sum + size, 0)];
    const layout = new FlowLayout(sizes, d, vectors);
    const { loss = CROSS_ENTROPY, regulariser = null } = objective ?? {};
    const name = ["flow", sizes, d, vectors, objective && loss.name, regulariser?.name ?? null];
    const exports = instanceOf(JSON.stringify(name), () => flowModule(layout, objective && { loss, regulariser }));
    this.#layout = layout;
    this.#kernel = /** @type {FlowExports} */ (/** @type {unknown} */ (exports));
    this.#objective = objective;
    for (const [number, value] of Object.entries({ ...loss.numbers, ...regulariser?.numbers, logWeight: objective?.logWeight ?? 0 })) {
      const given = exports[number];
      if (given instanceof WebAssembly.Global) given.value = value;
    }
    const { buffer } = this.#kernel.memory;
    layout.prepare(buffer, loss.columns);
    this.#addresses = new Int32Array(buffer, layout.terms, (MOST_TERMS * TERM_BYTES) / 4);
    this.#factors = new Float64Array(buffer, layout.terms, (MOST_TERMS * TERM_BYTES) / NUMBER_BYTES);
    this.#pauseAfter = Math.max(1, Math.floor(PAUSE_AFTER / (K * d * N)));
    this.K = K;
    this.d = d;
    this.N = N;
    this.logWeight = logWeight;
    /** @type {Vector[]} */
    this.vectors = layout.memories;
  }

  /**
   * The gradient at theta, in the kernel; returns log ds/dt of the clock s in which the field is given: log L, or 0.
   *
   * Where grad log L = (G H^T, W^T G) / L; returns log L of the sum of losses.
   *
   * It is homogeneous: it grows like ||theta|| however small L is. G and L carry the same factor e^-shift, and
   * L = sum_i log1p(S_i) is summed with no subtraction. Where theta is no number, as a trial step may leave it, neither
   * is the answer.
   * @type {(theta: Vector) => number}
   */
  #look(theta) {
    this.#evaluated += 1;
    if (this.#objective) {
      this.#kernel.pullAt(theta);
      const { logWeight, regulariser } = this.#objective;
      this.#scale = regulariser ? 1 : Math.exp(logWeight + this.#kernel.shift.value);
      return 0;
    }
    const loss = this.#kernel.lossAt(theta);
    this.#scale = 1 / loss;
    return this.#kernel.shift.value + Math.log(loss);
  }

  /** out = the field at theta; returns log L of the sum of losses, or 0 for -grad F. @type {(theta: Vector, out: Vector) => number} */
  at(theta, out) {
    const logPace = this.#look(theta);
    this.combine(out, [this.#layout.slopeW], [-this.#scale]);
    return logPace;
  }

  /**
   * out = d theta/dc = (1 + t) d theta/dt, for L exp(c + log L) (-grad log L), at the clock c = log(1 + t); returns as `at`.
   * @type {(theta: Vector, clock: number, out: Vector) => number}
   */
  onClock(theta, clock, out) {
    const logPace = this.#look(theta);
    const factor = Math.exp(Math.min(clock + this.logWeight + logPace, LARGEST_EXPONENT));
    this.combine(out, [this.#layout.slopeW], [-this.#scale * factor]);
    return logPace;
  }

  /** Whether some milliseconds of work are done since the last pause: then this is one. */
  get pauses() {
    if (this.#evaluated < this.#pauseAfter) return false;
    this.#evaluated = 0;
    return true;
  }

  /** out = sum_i factors_i vectors_i. @type {(out: Vector, vectors: Vector[], factors: number[]) => void} */
  combine(out, vectors, factors) {
    for (let i = 0; i < vectors.length; i += 1) this.#term(i, vectors[i], factors[i]);
    this.#kernel.sum(out, vectors.length * TERM_BYTES);
  }

  /**
   * out = theta + h sum_s weights_s stages_s; without a theta, the sum alone.
   * @type {(out: Vector, theta: Vector | null, h: number, weights: number[], stages: Vector[]) => void}
   */
  addStages(out, theta, h, weights, stages) {
    let terms = 0;
    if (theta !== null) this.#term(terms++, theta, 1);
    for (let s = 0; s < weights.length; s += 1) if (weights[s] !== 0) this.#term(terms++, stages[s], h * weights[s]);
    this.#kernel.sum(out, terms * TERM_BYTES);
  }

  /** @type {(i: number, vector: Vector, factor: number) => void} */
  #term(i, vector, factor) {
    this.#addresses[(i * TERM_BYTES) / 4] = vector;
    this.#factors[(i * TERM_BYTES) / NUMBER_BYTES + 1] = factor;
  }

  /** The Euclidean norm, also where squares leave float64. @type {(vector: Vector) => number} */
  norm(vector) {
    return normOfSquares(this.#kernel.squares(vector), () => this.#numbers(vector, this.#layout.thetaBytes / NUMBER_BYTES));
  }

  /** @type {(vector: Vector) => State} */
  read(vector) {
    return this.#layout.read(this.#kernel.memory.buffer, vector);
  }

  /** @type {(vector: Vector, state: State) => void} */
  write(vector, state) {
    this.#layout.write(this.#kernel.memory.buffer, vector, state);
  }

  /** The W (K, d) of a vector, in its place. @type {(vector: Vector) => Float64Array} */
  W(vector) {
    return this.#numbers(vector, this.K * this.d);
  }

  /** H H^T of a vector, (d, d). @type {(vector: Vector) => Float64Array} */
  products(vector) {
    this.#kernel.products(vector);
    return this.#square.slice();
  }

  /** out = (-W S, S H) with a W that is given and the H of a vector. @type {(out: Vector, S: Float64Array, W: Float64Array, vector: Vector) => void} */
  strained(out, S, W, vector) {
    this.#square.set(S);
    this.#kernel.turned(vector, out);
    this.#numbers(out, this.#layout.H / NUMBER_BYTES).fill(0); // also what fills W up
    this.W(out).set(multiply(W, S, this.K, this.d, this.d).map((value) => -value));
  }

  get #square() {
    return this.#numbers(this.#layout.square, this.d * this.d);
  }

  /** @type {(address: number, count: number) => Float64Array} */
  #numbers(address, count) {
    return new Float64Array(this.#kernel.memory.buffer, address, count);
  }
}

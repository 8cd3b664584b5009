// `Objective`: what a run minimises as one value: loss x regulariser x constraint x class sizes.

/** @import { Config } from "./config.js" */
/** @import { Ideal, Loss, Regulariser, Spectrum } from "./parts.d.ts" */
/** @import { State } from "./types.d.ts" */
import { CROSS_ENTROPY } from "./losses/cross_entropy.js";
import { SQUARED_ERROR } from "./losses/squared_error.js";
import { labelSmoothing } from "./losses/label_smoothing.js";
import { logSumExp } from "./losses/log_sum.js";
import { distancesToIdeal, leastWithin, placed } from "./ideal.js";
import { divergenceLimit, stabilityLimit } from "./stability.js";
import { multiply, multiplyTransposed, singularValues, transposed } from "./linear_algebra.js";
import { evenSizes, normBalls } from "./constraints/norm_balls.js";
import { spheres } from "./constraints/spheres.js";
import { unevenSpectrum, unevenWithin } from "./uneven.js";
import { weightDecay } from "./regularisers/weight_decay.js";

/** Rounding of a state, which does not take it out of a constraint. */
const ROUNDING_APART = 1e-6;

/** The losses there are, by name: a new one is a file of losses/ and a row here. @type {Record<string, (config: Config) => Loss>} */
const LOSSES_BY_NAME = {
  "cross-entropy": () => CROSS_ENTROPY,
  "squared-error": () => SQUARED_ERROR,
  "label-smoothing": ({ smoothing, classes }) => labelSmoothing(smoothing, classes),
};

/**
 * F(W, H) = f(W H) + R(W, H): a loss f over samples, summed or averaged, and perhaps a regulariser R beside it, or a
 * constraint within which it is minimised. As `ulpm_core/model/objective.py`.
 */
export class Objective {
  /** @type {Ideal | null} */
  #ideal = null;

  /** @param {Config} config @param {Regulariser | null} regulariser */
  constructor(config, regulariser = weightDecay(config)) {
    this.sizes = [...config.sizes];
    this.labels = config.labels;
    this.samples = config.labels.length;
    this.classes = config.classes;
    this.dimension = config.dimension;
    this.loss = LOSSES_BY_NAME[config.loss](config);
    this.regulariser = regulariser;
    this.constraint = normBalls(config) ?? spheres(config);
    /** Whether runs rest where F does; with decoupled decay those of most rules do not. */
    this.sought = config.decaysAtRest !== null;
    /** log of what the sum over samples is multiplied with: of 1, or of 1/N for the mean. */
    this.logWeight = config.loss_reduction === "mean" ? -Math.log(this.samples) : 0;
    this.weight = config.loss_reduction === "mean" ? 1 / this.samples : 1;
  }

  /** What a run of this config minimises. @type {(config: Config) => Objective} */
  static of(config) {
    return new Objective(config);
  }

  /** The logarithm of each sample's loss. @type {(state: State) => Float64Array} */
  logSamples(state) {
    const { loss, labels, samples, classes } = this;
    const Z = this.logits(state);
    const logs = new Float64Array(samples); // `Float64Array.from` would take as long again
    for (let i = 0; i < samples; i += 1) logs[i] = loss.logSample(Z, samples, classes, i, labels[i]);
    return logs;
  }

  /** log f(W H), exact where f itself underflows. @type {(state: State) => number} */
  logLoss(state) {
    return logSumExp(this.logSamples(state)) + this.logWeight;
  }

  /** @type {(states: State[]) => number[]} */
  logLosses(states) {
    return states.map((state) => this.logLoss(state));
  }

  /** F(W, H), of all terms; `logLoss` is log f where it is known already. @type {(state: State, logLoss?: number) => number} */
  value(state, logLoss = this.logLoss(state)) {
    return Math.exp(logLoss) + (this.regulariser ? this.regulariser.value(state) : 0);
  }

  /** Z = W H, (K, N). @type {(state: State) => Float64Array} */
  logits({ W, H }) {
    return multiply(W, H, this.classes, this.dimension, this.samples);
  }

  /** dF/dW = G H^T + dR/dW and dF/dH = W^T G + dR/dH, with G = df/dZ. @type {(state: State) => State} */
  gradient(state) {
    const slope = this.#pulledBack(this.#residual(state), state);
    this.regulariser?.addGradient(state, slope);
    return slope;
  }

  /**
   * The second derivative applied to a direction (X, V): dZ = X H + W V; dG is the loss's curvature along dZ; answer
   * (dG H^T + G V^T, W^T dG + X^T G) + that of R.
   * @type {(state: State, direction: State) => State}
   */
  hessianVectorProduct(state, direction) {
    const { loss, samples, classes } = this;
    const dZ = sumOfBoth(this.logits({ W: direction.W, H: state.H }), this.logits({ W: state.W, H: direction.H }));
    const dG = scaledWith(loss.curvature(this.logits(state), dZ, samples, classes), this.weight);
    const [first, second] = [this.#pulledBack(dG, state), this.#pulledBack(this.#residual(state), direction)];
    const product = { W: sumOfBoth(first.W, second.W), H: sumOfBoth(first.H, second.H) };
    this.regulariser?.addGradient(direction, product);
    return product;
  }

  /** G = df/dZ. @type {(state: State) => Float64Array} */
  #residual(state) {
    return scaledWith(this.loss.residual(this.logits(state), this.samples, this.labels, this.classes), this.weight);
  }

  /** G H^T and W^T G. @type {(G: Float64Array, state: State) => State} */
  #pulledBack(G, { W, H }) {
    const { classes: K, dimension: d, samples: N } = this;
    return { W: multiplyTransposed(G, H, K, N, d), H: multiply(transposed(W, K, d), G, d, K, N) };
  }

  /** The value, summed over samples, beyond which a run has diverged. @type {(config: Config, start: State) => number} */
  divergenceLimit(_, start) {
    return divergenceLimit(this, start);
  }

  /** The largest learning rate at which steps do not grow. @type {(config: Config, start: State) => number} */
  stabilityLimit(config, start) {
    const inSteps = this.regulariser?.decoupled ? new Objective(config, null) : this;
    return stabilityLimit(inSteps, config, start);
  }

  /** ||theta R - theta*|| / ||theta*|| of each state at the best rotation R, NaN where no ideal is known. @type {(states: State[]) => number[]} */
  distanceToIdeal(states) {
    return distancesToIdeal(this.goal, states, this.sizes, this.dimension);
  }

  /** c, where F is at least f + weight c ||Z||_* for Z = W H: docs/theory.md 6.3. */
  get threshold() {
    return this.regulariser ? this.regulariser.threshold / this.weight : 0;
  }

  /** The global optimum where runs seek it and it is known. @type {Ideal} */
  get goal() {
    return this.sought ? this.ideal : unplaced(NaN);
  }

  /** The global optimum, where it is known. @type {Ideal} */
  get ideal() {
    this.#ideal ??= this.#best();
    return this.#ideal;
  }

  /** @type {() => Ideal} */
  #best() {
    if (this.constraint) return this.#bestWithin();
    if (!this.regulariser && !this.loss.attained) return this.#direction();
    const best = this.#spectrum(this.threshold);
    if (best === null || (this.regulariser && !this.regulariser.coercive)) return unplaced(NaN);
    const value = this.weight * (best.value + this.threshold * best.S.reduce((sum, s) => sum + s, 0));
    if (!this.regulariser || !best.unique) return unplaced(value);
    return { value, state: this.#placed(best, this.regulariser.factors(best.S)), direction: false };
  }

  /** Where a loss that is not attained tends to 0: all classes can be separated in a plane, two on a line. @type {() => Ideal} */
  #direction() {
    const value = this.dimension > 1 || this.classes === 2 ? 0 : NaN;
    const best = this.#spectrum(0);
    const root = best && best.S.map(Math.sqrt);
    return { value, state: best && root && this.#placed(best, [root, root]), direction: true };
  }

  /** The optimum within a constraint: the loss's own where that has room, else on the boundary. @type {() => Ideal} */
  #bestWithin() {
    const { sizes, loss, constraint, dimension } = this;
    if (!constraint) return unplaced(NaN);
    const most = constraint.largest(this.classes); // of ||C||_*, the columns of C being the logits of classes
    const free = loss.attained ? loss.spectrum(sizes, dimension, 0) : null;
    if (free && (!constraint.bounded || lengthsByClass(free, sizes) <= most)) return unplaced(constraint.convex ? this.weight * free.value : NaN);
    if (!constraint.bounded) return unplaced(NaN);
    const even = evenSizes(sizes);
    const spectrum = (/** @type {number} */ c) => loss.spectrum(sizes, dimension, c);
    const found = even ? leastWithin(spectrum, most * Math.sqrt(sizes[0])) : unevenWithin(loss, sizes, most);
    const best = this.#ofRank(found);
    if (best === null) return unplaced(NaN);
    const [r, reach] = [best.S.length, best.S.reduce((sum, s) => sum + s, 0)];
    const whole = { ...best, V: best.V.map((entry, i) => entry * Math.sqrt(sizes[Math.floor(i / r)])) };
    const state = this.#placed(whole, constraint.factors(best.S.map((s) => (s * most) / reach)));
    if (!this.#keeps(state)) return unplaced(NaN); // it is best within a larger set alone
    return { value: this.value(state), state: best.unique ? state : null, direction: false };
  }

  /** Whether a state keeps to the constraint. @type {(state: State) => boolean} */
  #keeps({ W, H }) {
    const near = { W: W.slice(), H: H.slice() };
    this.constraint?.project(near, this.sizes);
    const far = (/** @type {Float64Array} */ one, /** @type {Float64Array} */ other) =>
      one.some((x, i) => Math.abs(x - other[i]) > ROUNDING_APART * (1 + Math.abs(x)));
    return !far(W, near.W) && !far(H, near.H);
  }

  /** Where f + threshold ||Z||_* is least, in closed form, or for sizes that differ found by Newton's method. @type {(threshold: number) => Spectrum | null} */
  #spectrum(threshold) {
    const best = this.loss.spectrum(this.sizes, this.dimension, threshold);
    if (best !== null || threshold === 0 || evenSizes(this.sizes)) return best;
    return this.#ofRank(unevenSpectrum(this.loss, this.sizes, threshold));
  }

  /** The best logits of any rank, if d allows theirs. @type {(best: Spectrum | null) => Spectrum | null} */
  #ofRank(best) {
    return best && best.S.length <= this.dimension ? best : null;
  }

  /** @type {(best: Spectrum, factors: [Float64Array, Float64Array]) => State} */
  #placed(best, [a, b]) {
    return placed(best, this.sizes, this.dimension, a, b);
  }
}

/** @type {(value: number) => Ideal} */
function unplaced(value) {
  return { value, state: null, direction: false };
}

/** ||C||_*, C (K, K) being the logits of classes. @type {(best: Spectrum, sizes: number[]) => number} */
function lengthsByClass({ U, S, V }, sizes) {
  const [K, r] = [sizes.length, S.length];
  const scaled = U.map((entry, i) => entry * S[i % r]);
  const others = V.map((entry, i) => entry / Math.sqrt(sizes[Math.floor(i / r)]));
  return singularValues(multiplyTransposed(scaled, others, K, r, K), K, K).S.reduce((sum, s) => sum + s, 0);
}

/** A + B, in the place of A. @type {(A: Float64Array, B: Float64Array) => Float64Array} */
function sumOfBoth(A, B) {
  for (let i = 0; i < A.length; i += 1) A[i] += B[i];
  return A;
}

/** @type {(A: Float64Array, factor: number) => Float64Array} */
function scaledWith(A, factor) {
  for (let i = 0; i < A.length; i += 1) A[i] *= factor;
  return A;
}

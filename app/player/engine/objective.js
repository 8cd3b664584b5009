// `Objective`: what a run minimises as one value: loss x regulariser x constraint x class sizes.

/** @import { Config } from "./config.js" */
/** @import { Loss } from "./parts.d.ts" */
/** @import { State } from "./types.d.ts" */
import { CROSS_ENTROPY } from "./losses/cross_entropy.js";
import { SQUARED_ERROR } from "./losses/squared_error.js";
import { logSumExp } from "./losses/log_sum.js";
import { normBalls } from "./constraints/norm_balls.js";
import { weightDecay } from "./regularisers/weight_decay.js";

/** The losses there are, by name: a new one is a file of losses/ and a row here. @type {Record<string, Loss>} */
const LOSSES_BY_NAME = { [CROSS_ENTROPY.name]: CROSS_ENTROPY, [SQUARED_ERROR.name]: SQUARED_ERROR };

/**
 * F(W, H) = f(W H) + R(W, H): a loss f over samples, summed or averaged, and perhaps a regulariser R beside it, or a
 * constraint within which it is minimised. As `ulpm_core/model/objective.py`.
 */
export class Objective {
  /** @param {Config} config */
  constructor(config) {
    this.sizes = [...config.sizes];
    this.labels = config.labels;
    this.samples = config.labels.length;
    this.classes = config.classes;
    this.dimension = config.dimension;
    this.loss = LOSSES_BY_NAME[config.loss];
    this.regulariser = weightDecay(config);
    this.constraint = normBalls(config);
    /** log of what the sum over samples is multiplied with: of 1, or of 1/N for the mean. */
    this.logWeight = config.loss_reduction === "mean" ? -Math.log(this.samples) : 0;
  }

  /** What a run of this config minimises. @type {(config: Config) => Objective} */
  static of(config) {
    return new Objective(config);
  }

  /** The logarithm of each sample's loss. @type {(state: State) => Float64Array} */
  logSamples(state) {
    const Z = this.logits(state);
    return Float64Array.from(this.labels, (label, i) => this.loss.logSample(Z, this.samples, this.classes, i, label));
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
    const { classes, dimension, samples } = this;
    const Z = new Float64Array(classes * samples);
    addProduct(W, H, Z, classes, dimension, samples);
    return Z;
  }
}

/** C += A B, of (m, p) and (p, n). @type {(A: Float64Array, B: Float64Array, C: Float64Array, m: number, p: number, n: number) => void} */
function addProduct(A, B, C, m, p, n) {
  for (let i = 0; i < m; i += 1) {
    for (let t = 0; t < p; t += 1) {
      const a = A[i * p + t];
      for (let j = 0; j < n; j += 1) C[i * n + j] += a * B[t * n + j];
    }
  }
}

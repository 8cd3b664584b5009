// The gradient that the flow needs, from the kernel that takes steps: many times as fast as loops here, where it is exact.

/** @import { Loss, Rule } from "../parts.d.ts" */
import { CROSS_ENTROPY } from "../losses/cross_entropy.js";
import { KernelLayout } from "../wasm/layout.js";
import { i32, local, v128 } from "../wasm/instructions.js";
import { kernelModule } from "../wasm/kernel.js";

/** log(1 + S) follows from the gradient 1 - 1/(1 + S) alone up to this gap: beyond, too few digits of it are left. */
const LARGEST_GAP = 5;
/** A rule for a kernel that takes no steps: it has room for one number a sample. @type {Rule} */
const NO_STEPS = { name: "none", memories: 1, stepTime: () => 0, stableRate: () => Infinity, kernel: () => [] };

/** Cross-entropy that keeps each sample's entry of G of its own class. @type {(layout: KernelLayout) => Loss} */
function keepingOwn(layout) {
  return {
    ...CROSS_ENTROPY,
    kernel: (routine, at) => [
      CROSS_ENTROPY.kernel(routine, at),
      v128.store(i32.add(local.get(at.kinds), i32.const(layout.memories[0] - layout.columnKinds)), v128.load(local.get(at.own))),
    ],
  };
}

/** @typedef {{ memory: WebAssembly.Memory, gradient: () => void, shift: WebAssembly.Global, largest: WebAssembly.Global, bound: WebAssembly.Global }} GradientExports */

/** A kernel's gradient at a theta of the flow: W^T row by row, then H. */
export class KernelGradient {
  /** @param {number[]} sizes of the classes @param {number} d */
  constructor(sizes, d) {
    const [K, N] = [sizes.length, sizes.reduce((sum, size) => sum + size, 0)];
    const layout = new KernelLayout(sizes, d, NO_STEPS.memories);
    const parts = { loss: keepingOwn(layout), regulariser: null, constraint: null, rule: NO_STEPS };
    const bytes = kernelModule(layout, parts);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { Math: { exp: Math.exp, log: Math.log, log1p: Math.log1p } });
    this.kernel = /** @type {GradientExports} */ (/** @type {unknown} */ (exports));
    const { buffer } = this.kernel.memory;
    layout.prepare(buffer, CROSS_ENTROPY.columns);
    this.theta = new Float64Array(buffer, layout.W, layout.thetaBytes / 8);
    this.slope = new Float64Array(buffer, layout.slopeW, layout.thetaBytes / 8);
    this.own = new Float64Array(buffer, layout.memories[0], layout.columns);
    /** Where each entry of theta lies in the kernel. */
    this.places = new Int32Array(d * (K + N));
    for (let r = 0; r < d; r += 1) {
      for (let k = 0; k < K; k += 1) this.places[r * K + k] = k * d + r;
      let at = d * K + r * N;
      sizes.forEach((size, k) => {
        for (let i = 0; i < size; i += 1, at += 1) this.places[at] = layout.H / 8 + r * layout.columns + layout.first[k] + i;
      });
    }
  }

  /** The power of e that the gradient is given relative to. */
  get shift() {
    return this.kernel.shift.value;
  }

  /**
   * out = e^-shift times the gradient of the sum of losses; whether that is exact enough to go on from, as it is once no
   * sample is far on the wrong side.
   * @type {(theta: Float64Array, out: Float64Array) => boolean}
   */
  at(theta, out) {
    const { kernel, places, theta: given, slope } = this;
    for (let i = 0; i < places.length; i += 1) given[places[i]] = theta[i];
    kernel.gradient();
    for (let i = 0; i < places.length; i += 1) out[i] = slope[places[i]];
    return kernel.largest.value <= LARGEST_GAP && kernel.bound.value < Infinity;
  }

  /**
   * L e^-shift: S of a sample is -g/(1 + g) with g its entry of G; under a shift S is as good as -g. The logarithm of
   * prod_i (1 + S_i) is taken once for many samples, which keeps the relative accuracy of small S.
   * @type {(gathered: number) => number}
   */
  scaledLoss(gathered) {
    const { own, shift } = this;
    let [loss, grown] = [0, 0];
    for (let i = 0; i < own.length; i += 1) {
      if (shift < 0) loss -= own[i];
      else {
        const S = -own[i] / (1 + own[i]);
        grown += S + S * grown;
      }
      if (i % gathered === gathered - 1) {
        loss += Math.log1p(grown);
        grown = 0;
      }
    }
    return loss + Math.log1p(grown);
  }
}

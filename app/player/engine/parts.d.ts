// What a file of losses/, regularisers/, constraints/ and rules/ provides, so that everything else works with it. Only
// the type checker reads this file.

import type { Config } from "./config.js";
import type { State } from "./types.d.ts";
import type { Routine } from "./wasm/assembler.js";
import type { Code, Place } from "./wasm/instructions.js";
import type { KernelLayout } from "./wasm/layout.js";

/** One vector of samples, all of one class, where a loss turns logits into their gradient. */
export interface VectorOfSamples {
  /** Points to the logits of the first class; each class is `stride` bytes further. */
  logits: Place;
  stride: number;
  classes: number;
  /** Points to the logits of the samples' own class. */
  own: Place;
  /** The numbers by which the loss tells samples from padding, its `columns`, and where they are. */
  kind: Code;
  kinds: Place;
  /** The power of e that gradients are given relative to, or 0. */
  shift: Place;
  /** The largest gap so far, lane by lane, and the sum of bounds of the losses. */
  largest: Place;
  bound: Place;
  /**
   * Keeps S of cross-entropy for the flow, which needs the loss itself: 1 + S = e^top (1 + growth), with top the largest
   * gap where that is positive, else 0; under a shift S e^-shift. No instructions where a kernel has no room for it.
   */
  keptGrowth: (growth: Code) => Code;
  /** A number of the run that is no part of the module's code, one of the loss's `numbers`. */
  number: (name: string) => Code;
}

/** A loss f(Z) = sum_i l(z_i, y_i), as `Loss` in `ulpm_core/model/losses/loss.py`. Logits are (K, N), row after row. */
export interface Loss {
  name: string;
  attained: boolean;
  /** A sample's loss at z = 0. */
  origin(classes: number): number;
  /** The logarithm of one sample's loss: column i of Z. */
  logSample(Z: Float64Array, samples: number, classes: number, i: number, label: number): number;
  /** G = df/dZ in the place of Z. */
  residual(Z: Float64Array, samples: number, labels: Int32Array, classes: number): Float64Array;
  /** The derivative of G in the direction dZ, in its place. */
  curvature(Z: Float64Array, dZ: Float64Array, samples: number, classes: number): Float64Array;
  /** Where f + threshold ||Z||_* is least among logits of that rank; null where it is not known. */
  spectrum(sizes: number[], dimension: number, threshold: number): Spectrum | null;
  /** Numbers for columns of samples and of padding, whose gradient has to be 0. */
  columns: { sample: number; padding: number };
  numbers?: Numbers;
  /** The instructions of one vector: logits become G e^-shift in their place. */
  kernel(routine: Routine, at: VectorOfSamples): Code;
}

/** Logits U diag(S) V^T D^(-1/2) Y; U and V are (K, r), row after row, S (r). */
export interface Spectrum { U: Float64Array; S: Float64Array; V: Float64Array; value: number; unique: boolean }

/** The global optimum as far as it is known (`ulpm_core/model/ideal.py`); `direction`: where no optimum is attained. */
export interface Ideal { value: number; state: State | null; direction: boolean }

/** What the parts of a step find in the kernel that is being written. */
export interface KernelParts {
  layout: KernelLayout;
  /**
   * A number of the run that is no part of the module's code: `rate`, the learning rate; `logWeight`, log of what the sum
   * over samples is multiplied with; `limit`; and the `numbers` of a loss, a rule, a regulariser or a constraint.
   */
  number: (name: string) => Code;
  /** A new number that a rule keeps from step to step, and what it is at first. */
  kept: (start: number) => Place;
  /** The power of e that gradients are given relative to, or 0. */
  shift: Place;
  /** log of what the gradient in memory is a multiple by, as a rule finds it. */
  logScale: Code;
  /** log of the gradient-flow time so far, of rules whose steps differ in time. */
  logTime: Place;
  bound: Place;
  exp: Place;
  log: Place;
  log1p: Place;
}

/** Numbers that a part's instructions find by their names, in modules that are the same for all their values. */
export type Numbers = Record<string, number>;

/** A rule for steps, as `Rule` in `ulpm_core/model/rules/rule.py`. */
export interface Rule {
  name: string;
  /** How many pairs of blocks shaped like (W, H) are kept from step to step, 0 at first. */
  memories: number;
  /** The norm by which a step is the steepest: what decides which curve of margins its films show. */
  geometry: "euclidean" | "entries";
  /** The gradient-flow time of one step; NaN where it depends on the gradient. */
  stepTime(rate: number): number;
  /** The learning rate beyond which a quadratic of that curvature is overshot by more at every step. */
  stableRate(curvature: number): number;
  /** The coupled decay at whose critical points a run with this decoupled one rests; null where it rests at no such points. */
  decayAtRest(decay: number): number | null;
  numbers?: Numbers;
  /** The instructions of one step, in place. */
  kernel(routine: Routine, parts: KernelParts): Code;
}

/** A term beside the loss, as `Regulariser` in `ulpm_core/model/regularisers/regulariser.py`. */
export interface Regulariser {
  name: string;
  /** Whether both blocks are held down, so that an optimum is attained. */
  coercive: boolean;
  threshold: number;
  factors(S: Float64Array): [a: Float64Array, b: Float64Array];
  value(state: State): number;
  /** dR/dW and dR/dH, also applied to a direction: R is a quadratic. */
  addGradient(state: State, to: State): void;
  numbers?: Numbers;
  /** Whether it stands beside the steps: the gradient is then that of the sum, and `takenOff` the beginning of a step. */
  decoupled: boolean;
  takenOff(routine: Routine, parts: KernelParts): Code;
  /** The instructions that turn the gradient of the sum, over e^shift, into that of the value, and add to the bound. */
  kernel(routine: Routine, parts: KernelParts): Code;
}

/** A set in which W and H are kept, as `Constraint` in `ulpm_core/model/constraints/constraint.py`. */
export interface Constraint {
  name: string;
  bounded: boolean;
  /** Whether all logits Z = C Y with ||C||_* up to `largest` are reached within. */
  convex: boolean;
  /** The greatest sum of singular values of C, a column of it for each class, of W H = C Y within. */
  largest(classes: number): number;
  factors(S: Float64Array): [a: Float64Array, b: Float64Array];
  /** Puts W and H to the nearest point within, in place. */
  project(state: State, sizes: number[]): void;
  numbers?: Numbers;
  /** The instructions that do the same. */
  kernel(routine: Routine, parts: KernelParts): Code;
}

/** What is minimised, by a rule: all that a kernel is made for. */
export interface Parts { loss: Loss; regulariser: Regulariser | null; constraint: Constraint | null; rule: Rule }

/** What a kernel's module exports (`wasm/kernel.js`). */
export interface KernelExports {
  memory: WebAssembly.Memory;
  gradient: () => void;
  advance: (count: number) => number;
  bound: WebAssembly.Global<"f64">;
  logTime: WebAssembly.Global<"f64">;
  [number: string]: unknown;
}

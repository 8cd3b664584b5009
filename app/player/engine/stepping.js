// A run by steps, in motion: its kernel, and the state that it is at.

/** @import { Config } from "./config.js" */
/** @import { State } from "./types.d.ts" */
/** @import { KernelExports } from "./parts.d.ts" */
import { Objective } from "./objective.js";
import { KernelLayout } from "./wasm/layout.js";
import { instanceOf } from "./wasm/modules.js";
import { kernelModule } from "./wasm/kernel.js";
import { stepRule } from "./rules/known.js";

/** W, H and what the rule remembers, moved in the kernel's memory by `advance`. */
export class Stepping {
  #layout;
  #limit;
  #kernel;

  /** @param {Config} config @param {State} start @param {number} limit the value beyond which the run has diverged */
  constructor(config, start, limit) {
    const { loss, regulariser, constraint, logWeight } = Objective.of(config);
    const rule = stepRule(config);
    const parts = { loss, regulariser, constraint, rule };
    const layout = new KernelLayout(config.sizes, config.dimension, rule.memories);
    const name = JSON.stringify([config.sizes, config.dimension, ...Object.values(parts).map((part) => part?.name), regulariser?.decoupled]);
    const exports = instanceOf(name, () => kernelModule(layout, parts));
    this.#layout = layout;
    this.#limit = limit;
    this.#kernel = /** @type {KernelExports} */ (/** @type {unknown} */ (exports));
    const numbers = { rate: config.learning_rate, logWeight, limit, ...loss.numbers, ...rule.numbers, ...regulariser?.numbers, ...constraint?.numbers };
    for (const [number, value] of Object.entries(numbers)) {
      const given = exports[number];
      if (given instanceof WebAssembly.Global) given.value = value; // what no part asks for has no place
    }
    layout.prepare(this.#kernel.memory.buffer, loss.columns);
    layout.write(this.#kernel.memory.buffer, layout.W, start);
    this.#kernel.gradient();
  }

  /** Whether the value has passed the limit; the state then is the first one past it. NaN is past it. */
  get diverged() {
    return !(this.#kernel.bound.value <= this.#limit);
  }

  /** log of the gradient-flow time that has passed, of rules whose steps differ in time; else -infinity. */
  get logTime() {
    return this.#kernel.logTime.value;
  }

  /** Takes up to so many steps; returns how many were taken. @type {(count: number) => number} */
  advance(count) {
    return this.diverged || count < 1 ? 0 : this.#kernel.advance(count);
  }

  /** @type {() => State} */
  state() {
    return this.#layout.read(this.#kernel.memory.buffer, this.#layout.W);
  }
}

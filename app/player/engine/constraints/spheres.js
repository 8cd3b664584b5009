// Spheres: classifiers of length 1 and features of one length, after each step (docs/theory.md 6.7).

/** @import { Config } from "../config.js" */
/** @import { Constraint } from "../parts.d.ts" */
/** @import { Code } from "../wasm/instructions.js" */
/** @import { KernelLayout } from "../wasm/layout.js" */
/** @import { Routine } from "../wasm/assembler.js" */
import { NUMBER_BYTES, VECTOR_BYTES } from "../wasm/layout.js";
import { along, f64, f64x2, i32, local, v128 } from "../wasm/instructions.js";
import { rows } from "../wasm/sweeps.js";

/** The square of a length below this counts as this: a vector that is 0 stays 0. */
const LEAST_SQUARE = 1e-300;

/**
 * ||w_k|| = 1 and ||h_i|| = radius; a vector that is 0 has no direction, and stays 0. Null where the config asks for none.
 * @type {(config: Config) => Constraint | null}
 */
export function spheres({ feature_norm: radius }) {
  if (radius === Infinity) return null;
  return {
    name: "feature-norm",
    bounded: true,
    convex: false,
    largest: (classes) => classes * radius,
    factors(S) {
      const lean = 1 / Math.sqrt(radius);
      return [S.map((s) => Math.sqrt(s) * lean), S.map((s) => Math.sqrt(s) / lean)];
    },
    project({ W, H }, sizes) {
      const [K, N] = [sizes.length, sizes.reduce((sum, size) => sum + size, 0)];
      const d = W.length / K;
      for (let k = 0; k < K; k += 1) putToLength(W, k * d, 1, d, 1);
      for (let i = 0; i < N; i += 1) putToLength(H, i, N, d, radius);
    },
    numbers: { radius },
    kernel: (routine, { layout, number }) => [classifiersKernel(routine, layout), featuresKernel(routine, layout, number("radius"))],
  };
}

/** Puts one vector of d entries, `apart` from each other, to a length. @type {(block: Float64Array, first: number, apart: number, d: number, length: number) => void} */
function putToLength(block, first, apart, d, length) {
  let squares = 0;
  for (let j = 0; j < d; j += 1) squares += block[first + j * apart] ** 2;
  const factor = length / Math.sqrt(Math.max(squares, LEAST_SQUARE));
  for (let j = 0; j < d; j += 1) block[first + j * apart] *= factor;
}

/** @type {(routine: Routine, layout: KernelLayout) => Code} */
function classifiersKernel(routine, { W, classes, dimension }) {
  const [at, x, squares] = [routine.pointer(), routine.number(), routine.number()];
  const [{ get, set }, bytes] = [local, dimension * NUMBER_BYTES];
  const over = (/** @type {(pointer: Code, offset: number) => Code} */ body) => rows(routine, at, NUMBER_BYTES, dimension, body);
  return [
    set(at, i32.const(W)),
    along(at, bytes, i32.const(W + classes * bytes), [
      set(squares, f64.const(0)),
      over((pointer, offset) => [
        set(x, f64.load(pointer, offset)),
        set(squares, f64.add(get(squares), f64.multiply(get(x), get(x)))),
      ]),
      set(x, f64.divide(f64.const(1), f64.sqrt(f64.max(get(squares), f64.const(LEAST_SQUARE))))),
      over((pointer, offset) => f64.store(pointer, f64.multiply(f64.load(pointer, offset), get(x)), offset)),
    ]),
  ];
}

/** Columns of padding are 0 and stay so. @type {(routine: Routine, layout: KernelLayout, radius: Code) => Code} */
function featuresKernel(routine, { H, stride, dimension }, radius) {
  const [at, x, squares] = [routine.pointer(), routine.vector(), routine.vector()];
  const { get, set } = local;
  const over = (/** @type {(pointer: Code, offset: number) => Code} */ body) => rows(routine, at, stride, dimension, body);
  return [
    set(at, i32.const(H)),
    along(at, VECTOR_BYTES, i32.const(H + stride), [
      set(squares, f64x2.const(0)),
      over((pointer, offset) => [
        set(x, v128.load(pointer, offset)),
        set(squares, f64x2.add(get(squares), f64x2.multiply(get(x), get(x)))),
      ]),
      set(x, f64x2.divide(f64x2.spread(radius), f64x2.sqrt(f64x2.larger(get(squares), f64x2.const(LEAST_SQUARE))))),
      over((pointer, offset) => v128.store(pointer, f64x2.multiply(v128.load(pointer, offset), get(x)), offset)),
    ]),
  ];
}

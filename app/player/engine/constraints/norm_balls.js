// Norm balls: bounds of the mean squared norms of classifiers and of features (docs/theory.md 6.5).

/** @import { Config } from "../config.js" */
/** @import { Constraint } from "../parts.d.ts" */
/** @import { Code } from "../wasm/instructions.js" */
/** @import { Routine } from "../wasm/assembler.js" */
import { ellipticKernel } from "./elliptic.js";
import { f64, f64x2, local, v128, when } from "../wasm/instructions.js";
import { sumOfSquares, sweep } from "../wasm/sweeps.js";

/** Newton's iterations for a multiplier: 11 are enough for class sizes from 1 to 1e5, squares 1e12 times too large. */
const NEWTON_ITERATIONS = 14;
/** Rounding of a sum of squares that is no reason for another iteration. */
const MET = 1 + 1e-15;

/**
 * (1/K) sum_k ||w_k||^2 <= w and (1/K) sum_k (1/n_k) sum_i ||h_ki||^2 <= h, infinity for no bound; null without bounds.
 * @type {(config: Config) => Constraint | null}
 */
export function normBalls({ bounds: [w, h] }) {
  if (w === Infinity && h === Infinity) return null;
  return {
    name: "norm-bound",
    bounded: w < Infinity && h < Infinity,
    convex: true,
    largest: (classes) => classes * Math.sqrt(w) * Math.sqrt(h),
    factors(S) {
      const lean = (w / h) ** 0.25;
      return [S.map((s) => Math.sqrt(s) * lean), S.map((s) => Math.sqrt(s) / lean)];
    },
    /** W by one factor; h_ki over 1 + mu / n_k, which is one factor too where classes have one size. */
    project({ W, H }, sizes) {
      const [K, even] = [sizes.length, evenSizes(sizes)];
      radial(W, K * w);
      if (even) radial(H, K * sizes[0] * h);
      else if (h < Infinity) elliptic(H, sizes, K * h);
    },
    numbers: { boundW: w, boundH: h },
    kernel(routine, { layout, number }) {
      const { sizes, classes: K } = layout;
      const most = (/** @type {string} */ name, /** @type {number} */ times) => f64.multiply(number(name), f64.const(times));
      return [
        radialKernel(routine, layout.W, layout.H - layout.W, most("boundW", K)),
        evenSizes(sizes)
          ? radialKernel(routine, layout.H, layout.thetaBytes - layout.H, most("boundH", K * sizes[0]))
          : ellipticKernel(routine, layout, most("boundH", K), NEWTON_ITERATIONS, MET),
      ];
    },
  };
}

/** @type {(sizes: number[]) => boolean} */
export function evenSizes(sizes) {
  return sizes.every((size) => size === sizes[0]);
}

/** Puts a block to the nearest one with ||block||^2 <= most. @type {(block: Float64Array, most: number) => void} */
function radial(block, most) {
  let squares = 0;
  for (const x of block) squares += x * x;
  if (!(squares > most)) return;
  const factor = Math.sqrt(most / squares);
  for (let i = 0; i < block.length; i += 1) block[i] *= factor;
}

/** @type {(routine: Routine, address: number, bytes: number, most: Code) => Code} */
function radialKernel(routine, address, bytes, most) {
  const [squares, factor] = [routine.number(), routine.vector()];
  return [
    sumOfSquares(routine, address, bytes, squares),
    when(f64.greater(local.get(squares), most), [
      local.set(factor, f64x2.spread(f64.sqrt(f64.divide(most, local.get(squares))))),
      sweep(routine, address, bytes, (pointer, offset) => {
        const scaled = f64x2.multiply(v128.load(local.get(pointer), offset), local.get(factor));
        return v128.store(local.get(pointer), scaled, offset);
      }),
    ]),
  ];
}

/**
 * Puts H to the nearest one with sum_k (1/n_k) sum_i ||h_ki||^2 <= most: h_ki over 1 + mu / n_k.
 * @type {(H: Float64Array, sizes: number[], most: number) => void}
 */
function elliptic(H, sizes, most) {
  const squares = new Float64Array(sizes.length);
  const classOf = sizes.flatMap((length, k) => Array.from({ length }, () => k));
  H.forEach((x, i) => (squares[classOf[i % classOf.length]] += x * x));
  const mu = multiplier(squares, sizes, most);
  if (mu > 0) H.forEach((x, i) => (H[i] = x / (1 + mu / sizes[classOf[i % classOf.length]])));
}

/**
 * The mu >= 0 at which phi(mu) = sum_k n_k s_k / (n_k + mu)^2 is `most`, or 0 where phi(0) is less; s_k are the squares
 * of the classes. 1 / sqrt(phi) is concave in mu: Newton's steps for it from 0 never pass the root.
 * @type {(squares: Float64Array, sizes: number[], most: number) => number}
 */
function multiplier(squares, sizes, most) {
  let mu = 0;
  for (let iteration = 0; iteration < NEWTON_ITERATIONS; iteration += 1) {
    let [phi, slope] = [0, 0];
    sizes.forEach((size, k) => {
      const share = (squares[k] * size) / (size + mu) ** 2;
      phi += share;
      slope += share / (size + mu);
    });
    if (!(phi > most * MET)) break;
    mu += (phi / slope) * (Math.sqrt(phi / most) - 1);
  }
  return mu;
}

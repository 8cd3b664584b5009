// Weight decay: half the squared norms of both blocks, each times a factor of its own (docs/theory.md 6.3).

/** @import { Config } from "../config.js" */
/** @import { Regulariser } from "../parts.d.ts" */
import { call, f64, f64x2, global, local, v128 } from "../wasm/instructions.js";
import { laneSum, sweep } from "../wasm/sweeps.js";

/**
 * R = w ||W||^2 / 2 + h ||H||^2 / 2, beside the reduced loss, with the factors at which runs come to rest; null where
 * both are 0.
 * @type {(config: Config) => Regulariser | null}
 */
export function weightDecay({ decays, decaysAtRest, decay }) {
  const [w, h] = decaysAtRest ?? decays;
  if (w === 0 && h === 0) return null;
  const decoupled = decay === "decoupled";
  return {
    name: "weight-decay",
    coercive: w > 0 && h > 0,
    threshold: Math.sqrt(w) * Math.sqrt(h),
    factors(S) {
      const lean = (h / w) ** 0.25;
      return [S.map((s) => Math.sqrt(s) * lean), S.map((s) => Math.sqrt(s) / lean)];
    },
    value: ({ W, H }) => (w / 2) * squaresOf(W) + (h / 2) * squaresOf(H),
    addGradient({ W, H }, to) {
      for (let i = 0; i < W.length; i += 1) to.W[i] += w * W[i];
      for (let i = 0; i < H.length; i += 1) to.H[i] += h * H[i];
    },
    numbers: { decayW: w, decayH: h, offW: decays[0], offH: decays[1] },
    decoupled,
    takenOff(routine, { layout, number }) {
      const left = routine.vector();
      const blocks = [{ at: layout.W, end: layout.H, name: "offW" }, { at: layout.H, end: layout.thetaBytes, name: "offH" }];
      return blocks.map(({ at, end, name }) => [
        local.set(left, f64x2.spread(f64.subtract(f64.const(1), f64.multiply(number("rate"), number(name))))),
        sweep(routine, at, end - at, (pointer, offset) => {
          const kept = f64x2.multiply(local.get(left), v128.load(local.get(pointer), offset));
          return v128.store(local.get(pointer), kept, offset);
        }),
      ]);
    },
    kernel(routine, { layout, number, shift, bound, exp }) {
      const [scale, x, squares, total, factor] = Array.from({ length: 5 }, () => routine.vector());
      const logWeight = number("logWeight");
      const [{ add, multiply }, get, set] = [f64x2, local.get, local.set];
      const blocks = [{ at: layout.W, end: layout.H, name: "decayW" }, { at: layout.H, end: layout.thetaBytes, name: "decayH" }];
      return [
        set(scale, f64x2.spread(call(exp, f64.add(logWeight, global.get(shift))))),
        set(total, f64x2.const(0)),
        blocks.map(({ at, end, name }) => [
          set(factor, f64x2.spread(number(name))),
          set(squares, f64x2.const(0)),
          sweep(routine, at, end - at, (pointer, offset) => {
            const squared = [
              set(x, v128.load(get(pointer), offset)),
              set(squares, add(get(squares), multiply(get(x), get(x)))),
            ];
            if (decoupled) return squared;
            const slope = multiply(get(scale), v128.load(get(pointer), layout.slopeW + offset));
            return [
              squared,
              v128.store(get(pointer), add(slope, multiply(get(factor), get(x))), layout.slopeW + offset),
            ];
          }),
          set(total, add(get(total), multiply(get(factor), get(squares)))),
        ]),
        // the bound is that of the sum over samples: what stands beside the mean counts N-fold
        global.set(bound, f64.add(
          global.get(bound),
          f64.divide(f64.multiply(f64.const(0.5), laneSum(get(total))), call(exp, logWeight)),
        )),
      ];
    },
  };
}

/** @type {(block: Float64Array) => number} */
function squaresOf(block) {
  let sum = 0;
  for (const x of block) sum += x * x;
  return sum;
}

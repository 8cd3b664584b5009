// The projection of features of classes whose sizes differ, as instructions of the kernel.

/** @import { Code, Place } from "../wasm/instructions.js" */
/** @import { KernelLayout } from "../wasm/layout.js" */
/** @import { Routine } from "../wasm/assembler.js" */
import { NUMBER_BYTES, VECTOR_BYTES } from "../wasm/layout.js";
import { along, block, f64, f64x2, i32, leave, local, repeat, v128, when } from "../wasm/instructions.js";
import { laneSum } from "../wasm/sweeps.js";

/**
 * h_ki over 1 + mu / n_k, with mu by Newton's iterations as in `multiplier`, where sum_k (1/n_k) sum_i ||h_ki||^2 is over
 * `most`; `met` times that counts as met.
 * @type {(routine: Routine, layout: KernelLayout, most: Code, iterations: number, met: number) => Code}
 */
export function ellipticKernel(routine, layout, most, iterations, met) {
  const [mu, phi, slope, share, total] = Array.from({ length: 5 }, () => routine.number());
  const [left, at] = [routine.pointer(), routine.pointer()];
  const [sum, x, factor] = [routine.vector(), routine.vector(), routine.vector()];
  const [get, set, K] = [local.get, local.set, layout.classes];
  const size = f64.load(get(at), layout.classSizes);
  const eachClass = (/** @type {Code} */ body) => [
    set(at, i32.const(0)),
    along(at, NUMBER_BYTES, i32.const(K * NUMBER_BYTES), body),
  ];
  const samples = (/** @type {(pointer: Place) => Code} */ body) => samplesOfClass(routine, layout, at, body);
  return [
    eachClass([
      set(sum, f64x2.const(0)),
      samples((pointer) => [
        set(x, v128.load(get(pointer))),
        set(sum, f64x2.add(get(sum), f64x2.multiply(get(x), get(x)))),
      ]),
      f64.store(get(at), laneSum(get(sum)), layout.classSquares),
    ]),
    set(mu, f64.const(0)),
    set(left, i32.const(iterations)),
    block(repeat([
      set(phi, f64.const(0)),
      set(slope, f64.const(0)),
      eachClass([
        set(total, f64.add(size, get(mu))),
        set(share, f64.divide(f64.multiply(f64.load(get(at), layout.classSquares), size), f64.multiply(get(total), get(total)))),
        set(phi, f64.add(get(phi), get(share))),
        set(slope, f64.add(get(slope), f64.divide(get(share), get(total)))),
      ]),
      leave(i32.not(f64.greater(get(phi), f64.multiply(most, f64.const(met)))), 1),
      set(mu, f64.add(get(mu), f64.multiply(
        f64.divide(get(phi), get(slope)),
        f64.subtract(f64.sqrt(f64.divide(get(phi), most)), f64.const(1)),
      ))),
      set(left, i32.subtract(get(left), i32.const(1))),
    ], get(left))),
    when(f64.greater(get(mu), f64.const(0)), eachClass([
      set(factor, f64x2.spread(f64.divide(f64.const(1), f64.add(f64.const(1), f64.divide(get(mu), size))))),
      samples((pointer) => v128.store(get(pointer), f64x2.multiply(v128.load(get(pointer)), get(factor)))),
    ])),
  ];
}

/**
 * Does `body(pointer)` for each vector of H of the class whose number in the tables is at `at`.
 * @type {(routine: Routine, layout: KernelLayout, at: Place, body: (pointer: Place) => Code) => Code}
 */
function samplesOfClass(routine, layout, at, body) {
  const [row, pointer, end] = [routine.pointer(), routine.pointer(), routine.pointer()];
  const { get, set } = local;
  return [
    set(row, i32.const(layout.H)),
    along(row, layout.stride, i32.const(layout.thetaBytes), [
      set(pointer, i32.add(get(row), i32.load(get(at), layout.classBounds))),
      set(end, i32.add(get(row), i32.load(get(at), layout.classBounds + NUMBER_BYTES / 2))),
      along(pointer, VECTOR_BYTES, get(end), body(pointer)),
    ]),
  ];
}

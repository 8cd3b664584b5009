// The kernel of a run: a WebAssembly module made for its sizes, its loss, regulariser, constraint and rule, which takes
// many steps a call. What a loss or a rule does at a step stands in its own file, as instructions.

/** @import { Code, Place } from "./instructions.js" */
/** @import { KernelParts, Loss, Parts } from "../parts.d.ts" */
/** @import { KernelLayout } from "./layout.js" */
import { ModuleWriter, Routine } from "./assembler.js";
import { NUMBER_BYTES, VECTOR_BYTES } from "./layout.js";
import { TYPES, along, block, call, f64, f64x2, global, i32, leave, local, repeat, v128, when } from "./instructions.js";
import { innerProducts, multiples } from "./products.js";
import { laneSum, sweep } from "./sweeps.js";

/** Exponents are shifted by multiples of this: squares of what is left of a gradient still are normal numbers. */
const SHIFT_SPAN = 256;
/** For one vector of samples there is one whole number that says where its class's logits are. */
const PER_OWN_ROW = VECTOR_BYTES / 4;

/** A function that finds the gradient, and what it finds beside. @typedef {{ gradient: Place, shift: Place, bound: Place }} WrittenGradient */

/**
 * The bytes of a module, which are the same for every run of these sizes and parts: learning rate, decays and bounds are
 * globals that it exports by their names. It exports its `memory`; `gradient()`, which has to be called once W and H are there;
 * `advance(count)`, which takes up to so many steps and returns how many, fewer where the bound of the value, summed
 * over samples, came over `limit`; that `bound`, and `logTime`.
 * @type {(layout: KernelLayout, parts: Parts) => Uint8Array<ArrayBuffer>}
 */
export function kernelModule(layout, { loss, regulariser, constraint, rule }) {
  const writer = new ModuleWriter();
  const [exp, log, log1p] = ["exp", "log", "log1p"].map((name) => writer.mathematics(name));
  /** @type {Record<string, Place>} */
  const numbers = {};
  const number = (/** @type {string} */ name) => global.get((numbers[name] ??= writer.global(0, name)));
  const { gradient: ofSum, shift, bound } = writtenGradient(writer, layout, loss, number);
  const logTime = writer.global(-Infinity, "logTime");
  const logScale = regulariser && !regulariser.decoupled ? f64.const(0) : f64.add(number("logWeight"), global.get(shift));
  /** @type {KernelParts} */
  const kernel = { layout, number, kept: (start) => writer.global(start), shift, logScale, logTime, bound, exp, log, log1p };

  const gradient = new Routine();
  gradient.body = [call(ofSum), regulariser ? regulariser.kernel(gradient, kernel) : []];
  const written = writer.routine(gradient, "gradient");
  // a step is a function of its own: a browser puts in the faster code that it makes meanwhile where a function begins
  const step = new Routine();
  const begun = regulariser?.decoupled ? regulariser.takenOff(step, kernel) : [];
  step.body = [begun, rule.kernel(step, kernel), constraint ? constraint.kernel(step, kernel) : [], call(written)];
  writer.routine(manySteps(writer.routine(step), bound, number("limit")), "advance");
  return writer.bytes(layout.bytes);
}

/**
 * A function that writes e^-shift times the gradient of the sum of losses, without a regulariser's; its shift and the
 * bound of that sum are globals of these names.
 * @type {(writer: ModuleWriter, layout: KernelLayout, loss: Loss, number: (name: string) => Code) => WrittenGradient}
 */
export function writtenGradient(writer, layout, loss, number) {
  const [shift, largest, bound] = ["shift", "largest", "bound"].map((name) => writer.global(0, name));
  const pass = writer.routine(passOverSamples(layout, loss, { shift, largest, bound, number }));
  const routine = new Routine();
  routine.body = shiftedPasses(routine, pass, shift, largest);
  return { gradient: writer.routine(routine), shift, bound };
}

/**
 * Repeats the pass until its shift is the one that belongs to the state: 0 until every margin exceeds a span. Then G of
 * cross-entropy is a multiple of e^shift, and its direction survives where its size would leave float64.
 * @type {(routine: Routine, pass: Place, shift: Place, largest: Place) => Code}
 */
function shiftedPasses(routine, pass, shift, largest) {
  const [before, gap] = [routine.number(), global.get(largest)];
  const spans = f64.floor(f64.divide(gap, f64.const(-SHIFT_SPAN)));
  return repeat(
    [
      call(pass),
      local.set(before, global.get(shift)),
      global.set(shift, f64.const(0)),
      when(f64.atMost(gap, f64.const(-SHIFT_SPAN)), global.set(shift, f64.multiply(spans, f64.const(-SHIFT_SPAN)))),
    ],
    f64.differs(local.get(before), global.get(shift)),
  );
}

/** @type {(step: Place, bound: Place, limit: Code) => Routine} */
function manySteps(step, bound, limit) {
  const routine = new Routine([TYPES.i32], [TYPES.i32]);
  const count = routine.parameter(0);
  const taken = routine.pointer();
  const well = f64.atMost(global.get(bound), limit); // NaN is not: it counts as diverged
  const one = [call(step), local.set(taken, i32.add(local.get(taken), i32.const(1))), leave(i32.not(well), 1)];
  routine.body = [block(repeat(one, i32.less(local.get(taken), local.get(count)))), local.get(taken)];
  return routine;
}

/**
 * A function that writes e^-shift times G H^T and W^T G, with G = dL/dZ, for L the sum of losses; the largest gap, and
 * the bound V <= L, the sum of the losses' bounds. It works on blocks of samples, which stay in the first cache.
 * @type {(layout: KernelLayout, loss: Loss, found: { shift: Place, largest: Place, bound: Place, number: (name: string) => Code }) => Routine}
 */
function passOverSamples(layout, loss, found) {
  const routine = new Routine();
  const { classes: K, dimension: d, stride, logitsStride } = layout;
  const [first, width] = [routine.pointer(), routine.pointer()];
  const [largest, bound] = [routine.vector(), routine.vector()];
  const bytes = local.get(width);
  const from = (/** @type {number} */ address) => i32.add(local.get(first), i32.const(address));

  const G = { at: i32.const(layout.logits), row: logitsStride, term: logitsStride };
  const H = { at: from(layout.H), row: stride, term: stride };
  const W = { at: i32.const(layout.W), row: d * NUMBER_BYTES, term: NUMBER_BYTES };
  const transposedW = { at: W.at, row: W.term, term: W.row };
  const slopeH = { at: from(layout.slopeH), row: stride, term: 0 };
  const slopeW = { ...W, at: i32.const(layout.slopeW) };
  routine.body = [
    sweep(routine, layout.slopeW, layout.H - layout.W, (pointer, offset) => v128.store(local.get(pointer), f64x2.const(0), offset)),
    local.set(largest, f64x2.const(-Infinity)),
    local.set(first, i32.const(0)),
    local.set(width, i32.const(logitsStride)),
    along(first, logitsStride, i32.const(stride), [
      when(i32.less(i32.const(stride), i32.add(local.get(first), bytes)), local.set(width, i32.subtract(i32.const(stride), local.get(first)))),
      multiples(routine, K, d, W, H, G, bytes),
      residuals(routine, layout, loss, { ...found, from, bytes, largest, bound }),
      multiples(routine, d, K, transposedW, G, slopeH, bytes),
      innerProducts(routine, K, d, G, H, slopeW, bytes),
    ]),
    global.set(found.largest, f64.max(f64x2.lane(local.get(largest), 0), f64x2.lane(local.get(largest), 1))),
    global.set(found.bound, laneSum(local.get(bound))),
  ];
  return routine;
}

/**
 * The loss's own instructions for each vector of a block of samples.
 * @type {(routine: Routine, layout: KernelLayout, loss: Loss, block: { from: (address: number) => Code, bytes: Code, shift: Place, largest: Place, bound: Place, number: (name: string) => Code }) => Code}
 */
function residuals(routine, layout, loss, { from, bytes, shift, largest, bound, number }) {
  const [logits, own, kinds, ownRows, end] = Array.from({ length: 5 }, () => routine.pointer());
  const ownRow = i32.divide(from(0), i32.const(PER_OWN_ROW));
  const { logitsStride: stride, classes, columnKinds, growths } = layout;
  const keptGrowth = (/** @type {Code} */ growth) => (growths === null ? [] : v128.store(local.get(kinds), growth, growths - columnKinds));
  const vector = { logits, own, kinds, kind: v128.load(local.get(kinds)), shift, largest, bound, keptGrowth, number, stride, classes };
  const next = (/** @type {Place} */ pointer, /** @type {number} */ by) => local.set(pointer, i32.add(local.get(pointer), i32.const(by)));
  return [
    local.set(kinds, from(layout.columnKinds)),
    local.set(ownRows, i32.add(ownRow, i32.const(layout.ownRows))),
    local.set(logits, i32.const(layout.logits)),
    local.set(end, i32.add(local.get(logits), bytes)),
    along(logits, VECTOR_BYTES, local.get(end), [
      local.set(own, i32.add(local.get(logits), i32.load(local.get(ownRows)))),
      loss.kernel(routine, vector),
      next(kinds, VECTOR_BYTES),
      next(ownRows, VECTOR_BYTES / PER_OWN_ROW),
    ]),
  ];
}

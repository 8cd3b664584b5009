// Loops over whole blocks of a run in a kernel's memory.

/** @import { Code, Place } from "./instructions.js" */
/** @import { Routine } from "./assembler.js" */
import { VECTOR_BYTES } from "./layout.js";
import { along, f64, f64x2, i32, local, v128 } from "./instructions.js";

/** Blocks are of whole pairs of vectors. */
const AT_ONCE = 2;

/**
 * Does `body(pointer, offset)` for each vector of a block; what lies at one distance is reached by that offset.
 * @type {(routine: Routine, address: number, bytes: number, body: (pointer: Place, offset: number) => Code) => Code}
 */
export function sweep(routine, address, bytes, body) {
  const pointer = routine.pointer();
  const vectors = Array.from({ length: AT_ONCE }, (_, i) => body(pointer, i * VECTOR_BYTES));
  return [
    local.set(pointer, i32.const(address)),
    along(pointer, AT_ONCE * VECTOR_BYTES, i32.const(address + bytes), vectors),
  ];
}

/** ||block||^2, put into a variable. @type {(routine: Routine, address: number, bytes: number, into: Place) => Code} */
export function sumOfSquares(routine, address, bytes, into) {
  const [sum, value] = [routine.vector(), routine.vector()];
  return [
    local.set(sum, f64x2.const(0)),
    sweep(routine, address, bytes, (pointer, offset) => [
      local.set(value, v128.load(local.get(pointer), offset)),
      local.set(sum, f64x2.add(local.get(sum), f64x2.multiply(local.get(value), local.get(value)))),
    ]),
    local.set(into, laneSum(local.get(sum))),
  ];
}

/** The sum of both lanes; the vector is read twice. @type {(vector: Code) => Code} */
export function laneSum(vector) {
  return f64.add(f64x2.lane(vector, 0), f64x2.lane(vector, 1));
}

/** Rows are written out up to so many. */
const ROWS_WRITTEN_OUT = 9;

/**
 * Does `body(pointer, offset)` for so many rows of a matrix, `stride` bytes apart.
 * @type {(routine: Routine, first: Place, stride: number, count: number, body: (pointer: Code, offset: number) => Code) => Code}
 */
export function rows(routine, first, stride, count, body) {
  if (count <= ROWS_WRITTEN_OUT) return Array.from({ length: count }, (_, r) => body(local.get(first), r * stride));
  const [pointer, end] = [routine.pointer(), routine.pointer()];
  return [
    local.set(pointer, local.get(first)),
    local.set(end, i32.add(local.get(first), i32.const(count * stride))),
    along(pointer, stride, local.get(end), body(local.get(pointer), 0)),
  ];
}

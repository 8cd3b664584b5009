// Instructions of WebAssembly as functions that return their bytes, under the names of its text format:
// `f64x2.add(a, b)` is the code of a, the code of b, and the instruction that adds what they leave.

/** Bytes, nested as the expressions are. @typedef {Array<number | Code>} Code */
/** @typedef {{ index: number, type: number }} Place */
/** @typedef {(a: Code, b: Code) => Code} Binary */
/** @typedef {(a: Code) => Code} Unary */
/** @typedef {(address: Code, offset?: number) => Code} Load */
/** @typedef {(address: Code, value: Code, offset?: number) => Code} Store */

const SIMD = 0xfd;
const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BRANCH_IF = 0x0d;
const NOTHING = 0x40;
/** Types of values: whole numbers and addresses, numbers, and vectors of two numbers. */
export const TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

/** A whole number >= 0 in the format's variable length (unsigned LEB128). @type {(value: number) => number[]} */
export function unsigned(value) {
  const bytes = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
  return bytes;
}

/** A whole number of 32 bits, with its sign (signed LEB128). @type {(value: number) => number[]} */
function signed(value) {
  const bytes = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 127;
    const last = (rest >> 7 === 0 && !(low & 64)) || (rest >> 7 === -1 && low & 64);
    bytes.push(last ? low : low | 128);
    if (last) return bytes;
  }
}

/** @type {(value: number) => number[]} */
function bytesOfNumber(value) {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

/** @type {(...opcode: number[]) => Unary} */
const unary = (...opcode) => (a) => [a, opcode];
/** @type {(...opcode: number[]) => Binary} */
const binary = (...opcode) => (a, b) => [a, b, opcode];
/** @type {(number: number) => Unary} */
const vectorUnary = (number) => unary(SIMD, ...unsigned(number));
/** @type {(number: number) => Binary} */
const vectorBinary = (number) => binary(SIMD, ...unsigned(number));
/** Addresses are of eight bytes, but for those of `small`, of four. @type {(opcode: number[], small?: boolean) => Load} */
const loading = (opcode, small) => (address, offset = 0) => [address, opcode, small ? 2 : 3, unsigned(offset)];
/** @type {(opcode: number[], small?: boolean) => Store} */
const storing = (opcode, small) => (address, value, offset = 0) => [address, value, opcode, small ? 2 : 3, unsigned(offset)];

export const local = {
  /** @type {(place: Place) => Code} */
  get: (place) => [0x20, unsigned(place.index)],
  /** @type {(place: Place, value: Code) => Code} */
  set: (place, value) => [value, 0x21, unsigned(place.index)],
};
export const global = {
  /** @type {(place: Place) => Code} */
  get: (place) => [0x23, unsigned(place.index)],
  /** @type {(place: Place, value: Code) => Code} */
  set: (place, value) => [value, 0x24, unsigned(place.index)],
};
export const i32 = {
  /** @type {(value: number) => Code} */
  const: (value) => [0x41, signed(value)],
  load: loading([0x28], true),
  /** 1 of 0, else 0. */
  not: unary(0x45),
  less: binary(0x48),
  add: binary(0x6a),
  subtract: binary(0x6b),
  divide: binary(0x6d),
  /** 1 where both are 1, else 0. */
  both: binary(0x71),
};
export const f64 = {
  /** @type {(value: number) => Code} */
  const: (value) => [0x44, bytesOfNumber(value)],
  load: loading([0x2b]),
  store: storing([0x39]),
  equals: binary(0x61),
  differs: binary(0x62),
  greater: binary(0x64),
  atMost: binary(0x65),
  floor: unary(0x9c),
  sqrt: unary(0x9f),
  add: binary(0xa0),
  subtract: binary(0xa1),
  multiply: binary(0xa2),
  divide: binary(0xa3),
  min: binary(0xa4),
  /** The larger one, NaN where one is NaN. */
  max: binary(0xa5),
};
export const v128 = {
  load: loading([SIMD, 0]),
  /** One number at an address, in both lanes. */
  spread: loading([SIMD, 10]),
  store: storing([SIMD, 11]),
  any: vectorUnary(83),
  /** The bits that both have. */
  both: vectorBinary(78),
  /** The bits of a that b does not have. */
  without: vectorBinary(79),
};
export const f64x2 = {
  /** One number in both lanes. @type {(value: number) => Code} */
  const: (value) => [SIMD, 12, bytesOfNumber(value), bytesOfNumber(value)],
  spread: vectorUnary(20),
  /** @type {(a: Code, lane: 0 | 1) => Code} */
  lane: (a, lane) => [a, SIMD, 33, lane],
  less: vectorBinary(73),
  greater: vectorBinary(74),
  sqrt: vectorUnary(239),
  add: vectorBinary(240),
  subtract: vectorBinary(241),
  multiply: vectorBinary(242),
  divide: vectorBinary(243),
  /** a < b ? b : a, lane by lane: a where one is NaN. It is one instruction of a processor, as its `max` is not. */
  larger: vectorBinary(247),
};
export const i64x2 = {
  /** @type {(a: Code, bits: number) => Code} */
  shiftLeft: (a, bits) => [a, i32.const(bits), SIMD, unsigned(203)],
  add: vectorBinary(206),
};

/** The call of a function, its arguments first. @type {(place: Place, ...given: Code[]) => Code} */
export function call(place, ...given) {
  return [...given, 0x10, unsigned(place.index)];
}

/** @type {(condition: Code, then: Code, otherwise?: Code) => Code} */
export function when(condition, then, otherwise) {
  return [condition, IF, NOTHING, then, otherwise ? [ELSE, otherwise] : [], END];
}

/** Repeats the body, at least once, as long as the condition holds after it. @type {(body: Code, condition: Code) => Code} */
export function repeat(body, condition) {
  return [LOOP, NOTHING, body, condition, BRANCH_IF, 0, END];
}

/** Leaves the innermost `block` around it where the condition holds; inside a `repeat` of that block, with depth 1. @type {(condition: Code, depth?: number) => Code} */
export function leave(condition, depth = 0) {
  return [condition, BRANCH_IF, depth];
}

/** @type {(body: Code) => Code} */
export function block(body) {
  return [BLOCK, NOTHING, body, END];
}

/** The body once, then again, moving a pointer by so many bytes, until it is at the end. @type {(pointer: Place, bytes: number, end: Code, body: Code) => Code} */
export function along(pointer, bytes, end, body) {
  const moved = local.set(pointer, i32.add(local.get(pointer), i32.const(bytes)));
  return repeat([body, moved], i32.less(local.get(pointer), end));
}

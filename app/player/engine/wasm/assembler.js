// A minimal assembler: functions written with `instructions.js` become the bytes of a WebAssembly module.

/** @import { Code, Place } from "./instructions.js" */
import { TYPES, f64, unsigned } from "./instructions.js";

const SECTIONS = { types: 1, imports: 2, functions: 3, memory: 5, globals: 6, exports: 7, code: 10 };
const FUNCTION = 0x60;
const KINDS = { function: 0, memory: 2, global: 3 };
const MUTABLE = 1;
export const PAGE_BYTES = 65_536;

/** A function being written: its parameters, then its local variables. */
export class Routine {
  /** @param {number[]} parameters their types @param {number[]} results */
  constructor(parameters = [], results = []) {
    this.parameters = parameters;
    this.results = results;
    /** @type {number[]} */
    this.variables = [];
    /** @type {Code} */
    this.body = [];
  }

  /** @type {(index: number) => Place} */
  parameter(index) {
    return { index, type: this.parameters[index] };
  }

  /** A new local variable, 0 at first. @type {(type: number) => Place} */
  variable(type) {
    this.variables.push(type);
    return { index: this.parameters.length + this.variables.length - 1, type };
  }

  /** @type {() => Place} */
  pointer() {
    return this.variable(TYPES.i32);
  }

  /** @type {() => Place} */
  number() {
    return this.variable(TYPES.f64);
  }

  /** @type {() => Place} */
  vector() {
    return this.variable(TYPES.v128);
  }
}

/** A module being written. Imports come before functions: both are numbered in the order in which they are added. */
export class ModuleWriter {
  constructor() {
    /** @type {string[]} */
    this.imports = [];
    /** @type {Routine[]} */
    this.routines = [];
    /** @type {number[]} */
    this.globals = [];
    /** @type {[string, number, number][]} name, kind, index */
    this.exports = [["memory", KINDS.memory, 0]];
  }

  /** A function of one number, of `Math`. @type {(name: string) => Place} */
  mathematics(name) {
    this.imports.push(name);
    return { index: this.imports.length - 1, type: TYPES.f64 };
  }

  /** A number that all functions share; exported under its name, if it has one. @type {(start: number, name?: string) => Place} */
  global(start, name) {
    this.globals.push(start);
    const index = this.globals.length - 1;
    if (name) this.exports.push([name, KINDS.global, index]);
    return { index, type: TYPES.f64 };
  }

  /** @type {(routine: Routine, name?: string) => Place} */
  routine(routine, name) {
    this.routines.push(routine);
    const index = this.imports.length + this.routines.length - 1;
    if (name) this.exports.push([name, KINDS.function, index]);
    return { index, type: TYPES.i32 };
  }

  /** The module, with a memory of so many bytes. @type {(bytes: number) => Uint8Array<ArrayBuffer>} */
  bytes(bytes) {
    const { imports, routines, globals, exports } = this;
    const number = TYPES.f64;
    const types = [functionType([number], [number]), ...routines.map((r) => functionType(r.parameters, r.results))];
    const pages = unsigned(Math.ceil(bytes / PAGE_BYTES));
    const code = [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(SECTIONS.types, types),
      section(SECTIONS.imports, imports.map((name) => [text("Math"), text(name), KINDS.function, 0])),
      section(SECTIONS.functions, routines.map((_, i) => unsigned(i + 1))),
      section(SECTIONS.memory, [[MUTABLE, pages, pages]]),
      section(SECTIONS.globals, globals.map((start) => [number, MUTABLE, f64.const(start), 0x0b])),
      section(SECTIONS.exports, exports.map(([name, kind, index]) => [text(name), kind, unsigned(index)])),
      section(SECTIONS.code, routines.map(written)),
    ];
    return Uint8Array.from(flat(code));
  }
}

/** The bytes, no longer nested: `flat(Infinity)` takes ten times as long. @type {(code: Code, into?: number[]) => number[]} */
function flat(code, into = []) {
  for (const part of code) {
    if (typeof part === "number") into.push(part);
    else flat(part, into);
  }
  return into;
}

/** @type {(id: number, entries: Code[]) => Code} */
function section(id, entries) {
  const content = flat([unsigned(entries.length), ...entries]);
  return [id, unsigned(content.length), content];
}

/** @type {(parameters: number[], results: number[]) => Code} */
function functionType(parameters, results) {
  return [FUNCTION, parameters.length, parameters, results.length, results];
}

/** @type {(name: string) => Code} */
function text(name) {
  return [name.length, [...name].map((letter) => letter.charCodeAt(0))];
}

/** A function's variables and its body, with its length before it. @type {(routine: Routine) => Code} */
function written({ variables, body }) {
  const content = flat([unsigned(variables.length), variables.map((type) => [1, type]), body, 0x0b]);
  return [unsigned(content.length), content];
}

// Matrix products by tiles whose sums stay in registers. Their rows are samples, two vectors of them at a time, so that
// each coefficient is loaded once for both and each vector once for all rows of a tile (Goto, van de Geijn, "Anatomy of
// high-performance matrix multiplication", ACM TOMS 34, 2008).

/** @import { Code, Place } from "./instructions.js" */
/** @import { Routine } from "./assembler.js" */
import { VECTOR_BYTES } from "./layout.js";
import { along, f64, f64x2, i32, local, v128 } from "./instructions.js";

/** Of 16 registers the sums of a tile take 10 to 12: the rest is for what is loaded. */
const TILE_ROWS = 5;
const TILE_SUMS = 12;
/** Rows of a tile of G H^T at most. */
const OUTER_ROWS = 4;
/** Terms are written out up to so many, and so many at a time beyond. */
const UNROLLED = 16;
const UNROLLED_AT_ONCE = 8;

/** Rows of each tile when `rows` are split as evenly as tiles of at most `most` allow. @type {(rows: number, most: number) => number} */
function tileHeight(rows, most) {
  return Math.ceil(rows / Math.ceil(rows / most));
}

/** Pointers into arrays move together: each by its own distance. @typedef {[pointer: Place, bytes: number][]} Moves */

/** @type {(moves: Moves) => Code} */
function moved(moves) {
  return moves.map(([pointer, bytes]) => local.set(pointer, i32.add(local.get(pointer), i32.const(bytes))));
}

/**
 * Does `body(height)` for tiles of so many rows, the last one lower where they do not come out even, and moves the
 * pointers by the rows done. Tiles of one height are one loop: the code's length does not depend on the number of rows.
 * @type {(routine: Routine, rows: number, most: number, moves: Moves, body: (height: number) => Code) => Code}
 */
function tiles(routine, rows, most, moves, body) {
  const height = tileHeight(rows, most);
  const whole = Math.floor(rows / height);
  const scaled = moves.map(([pointer, bytes]) => /** @type {[Place, number]} */ ([pointer, bytes * height]));
  const rest = rows % height;
  return [counted(routine, whole, [body(height), moved(scaled)]), rest ? body(rest) : []];
}

/** The body so many times. @type {(routine: Routine, times: number, body: Code) => Code} */
function counted(routine, times, body) {
  if (times === 1) return body;
  const left = routine.pointer();
  return [local.set(left, i32.const(0)), along(left, 1, i32.const(times), body)];
}

/**
 * Does `body(term)` for each term, with pointers that stand at term 0 of those that are written out.
 * @type {(routine: Routine, terms: number, moves: Moves, body: (term: number) => Code) => Code}
 */
function overTerms(routine, terms, moves, body) {
  const few = (/** @type {number} */ count) => Array.from({ length: count }, (_, term) => body(term));
  if (terms <= UNROLLED) return few(terms);
  const scaled = moves.map(([pointer, bytes]) => /** @type {[Place, number]} */ ([pointer, bytes * UNROLLED_AT_ONCE]));
  const whole = Math.floor(terms / UNROLLED_AT_ONCE);
  return [counted(routine, whole, [few(UNROLLED_AT_ONCE), moved(scaled)]), few(terms % UNROLLED_AT_ONCE)];
}

/**
 * A matrix whose entries are single numbers at fixed addresses, or one of rows of samples: where it begins, and the
 * distances from row to row and from term to term.
 * @typedef {{ at: Code, row: number, term: number }} Matrix
 */

/**
 * out[row] = sum over terms of A[row, term] B[term], for vectors of samples: of B and `out` from their beginnings, in
 * as many bytes as `width` says.
 * @type {(routine: Routine, rows: number, terms: number, A: Matrix, B: Matrix, out: Matrix, width: Code) => Code}
 */
export function multiples(routine, rows, terms, A, B, out, width) {
  const [a, o, a0, b, column, end] = Array.from({ length: 6 }, () => routine.pointer());
  const sums = Array.from({ length: 2 * TILE_ROWS }, () => routine.vector());
  const [first, second, factor] = Array.from({ length: 3 }, () => routine.vector());
  const get = local.get;
  /** @type {(height: number) => Code} */
  const tile = (height) => {
    const mine = sums.slice(0, 2 * height);
    const term = (/** @type {number} */ t) => [
      local.set(first, v128.load(get(b), t * B.term)),
      local.set(second, v128.load(get(b), t * B.term + VECTOR_BYTES)),
      mine.map((sum, i) => [
        i % 2 === 0 ? local.set(factor, v128.spread(get(a), t * A.term + (i >> 1) * A.row)) : [],
        local.set(sum, f64x2.add(get(sum), f64x2.multiply(get(factor), get(i % 2 === 0 ? first : second)))),
      ]),
    ];
    const pair = [
      local.set(a, get(a0)),
      local.set(b, i32.add(B.at, get(column))),
      mine.map((sum) => local.set(sum, f64x2.const(0))),
      overTerms(routine, terms, [[a, A.term], [b, B.term]], term),
      mine.map((sum, i) => v128.store(i32.add(get(o), get(column)), get(sum), (i >> 1) * out.row + (i % 2) * VECTOR_BYTES)),
    ];
    return [local.set(column, i32.const(0)), along(column, 2 * VECTOR_BYTES, get(end), pair)];
  };
  const moves = /** @type {Moves} */ ([[a0, A.row], [o, out.row]]);
  return [local.set(end, width), local.set(a0, A.at), local.set(o, out.at), tiles(routine, rows, TILE_ROWS, moves, tile)];
}

/**
 * out[row, column] += the sum over samples of A[row] B[column], of `width` bytes of samples; `out` has single numbers.
 * @type {(routine: Routine, rows: number, columns: number, A: Matrix, B: Matrix, out: Matrix, width: Code) => Code}
 */
export function innerProducts(routine, rows, columns, A, B, out, width) {
  const [a, b, o, row, column, end, outRow] = Array.from({ length: 7 }, () => routine.pointer());
  const high = tileHeight(rows, OUTER_ROWS);
  const wide = Math.floor(TILE_SUMS / high);
  const sums = Array.from({ length: high * wide }, () => routine.vector());
  const loaded = Array.from({ length: wide }, () => routine.vector());
  const factor = routine.vector();
  const get = local.get;
  /** @type {(height: number, breadth: number) => Code} */
  const tile = (height, breadth) => {
    const at = (/** @type {number} */ r, /** @type {number} */ c) => sums[r * wide + c];
    const all = (/** @type {(r: number, c: number) => Code} */ each) =>
      Array.from({ length: height * breadth }, (_, i) => each(Math.floor(i / breadth), i % breadth));
    return [
      all((r, c) => local.set(at(r, c), f64x2.const(0))),
      local.set(a, get(row)),
      local.set(b, get(column)),
      local.set(end, i32.add(get(row), width)),
      along(a, VECTOR_BYTES, get(end), [
        loaded.slice(0, breadth).map((vector, c) => local.set(vector, v128.load(get(b), c * B.row))),
        all((r, c) => [
          c === 0 ? local.set(factor, v128.load(get(a), r * A.row)) : [],
          local.set(at(r, c), f64x2.add(get(at(r, c)), f64x2.multiply(get(factor), get(loaded[c])))),
        ]),
        moved([[b, VECTOR_BYTES]]),
      ]),
      all((r, c) => {
        const offset = r * out.row + c * out.term;
        const sum = f64.add(f64x2.lane(get(at(r, c)), 0), f64x2.lane(get(at(r, c)), 1));
        return f64.store(get(o), f64.add(f64.load(get(o), offset), sum), offset);
      }),
    ];
  };
  // o walks along a row of tiles, and is put at the beginning of the next
  const back = [local.set(column, B.at), local.set(o, i32.add(out.at, get(outRow)))];
  const rowOfTiles = (/** @type {number} */ height) => [
    back,
    tiles(routine, columns, wide, [[column, B.row], [o, out.term]], (breadth) => tile(height, breadth)),
  ];
  return [
    local.set(row, A.at),
    local.set(outRow, i32.const(0)),
    tiles(routine, rows, OUTER_ROWS, [[row, A.row], [outRow, out.row]], rowOfTiles),
  ];
}

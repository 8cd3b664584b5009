// Products and singular values of small matrices, flat and row after row, as NumPy has them.

export const EPSILON = 2 ** -52;
const MOST_SWEEPS = 60;
/** Beyond this 1 + x^2 is x^2. */
const STEEP = 1e8;

/** A B of A (rows, inner) and B (inner, columns). @type {(A: Float64Array, B: Float64Array, rows: number, inner: number, columns: number) => Float64Array} */
export function multiply(A, B, rows, inner, columns) {
  const product = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let k = 0; k < inner; k += 1) {
      const a = A[i * inner + k];
      for (let j = 0; j < columns; j += 1) product[i * columns + j] += a * B[k * columns + j];
    }
  }
  return product;
}

/** y = A x of A (rows, d), four rows at a time. @type {(A: Float64Array, rows: number, d: number, x: Float64Array, y: Float64Array) => void} */
export function applyTo(A, rows, d, x, y) {
  let i = 0;
  let at = 0;
  for (; i + 3 < rows; i += 4, at += 3 * d) {
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (let j = 0; j < d; j += 1, at += 1) {
      const value = x[j];
      first += A[at] * value;
      second += A[at + d] * value;
      third += A[at + 2 * d] * value;
      fourth += A[at + 3 * d] * value;
    }
    y[i] = first;
    y[i + 1] = second;
    y[i + 2] = third;
    y[i + 3] = fourth;
  }
  for (; i < rows; i += 1) {
    let sum = 0;
    for (let j = 0; j < d; j += 1, at += 1) sum += A[at] * x[j];
    y[i] = sum;
  }
}

/** A B^T of A (rows, inner) and B (columns, inner). @type {(A: Float64Array, B: Float64Array, rows: number, inner: number, columns: number) => Float64Array} */
export function multiplyTransposed(A, B, rows, inner, columns) {
  const product = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < inner; k += 1) sum += A[i * inner + k] * B[j * inner + k];
      product[i * columns + j] = sum;
    }
  }
  return product;
}

/** A^T of A (rows, columns). @type {(A: Float64Array, rows: number, columns: number) => Float64Array} */
export function transposed(A, rows, columns) {
  const turned = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) for (let j = 0; j < columns; j += 1) turned[j * rows + i] = A[i * columns + j];
  return turned;
}

/** The rows less their mean. @type {(rows: Float64Array, K: number, d: number) => Float64Array} */
export function centredRows(rows, K, d) {
  const mean = new Float64Array(d);
  for (let i = 0; i < rows.length; i += 1) mean[i % d] += rows[i];
  return rows.map((value, i) => value - mean[i % d] / K);
}

/**
 * A = U diag(S) V^T with U (rows, r), V (columns, r), r = min(rows, columns), S falling: Hestenes' one-sided Jacobi
 * rotations, which give small singular values as many right digits as large ones. Where S is 0, U and V hold any
 * directions that complete them; of A = 0, as of one that holds infinity or NaN, the first unit vectors.
 * @type {(A: Float64Array, rows: number, columns: number) => { U: Float64Array, S: Float64Array, V: Float64Array }}
 */
export function singularValues(A, rows, columns) {
  const wide = rows <= columns;
  const [r, length] = wide ? [rows, columns] : [columns, rows];
  const lines = wide ? Float64Array.from(A) : transposed(A, rows, columns); // (r, length) = turns^T diag(S) directions
  const scale = broughtNearOne(lines);
  const turns = new Float64Array(r * r);
  for (let i = 0; i < r; i += 1) turns[i * r + i] = 1;
  orthogonalise(lines, turns, r, length);
  const lengths = Float64Array.from({ length: r }, (_, i) => Math.sqrt(dotOf(lines, i * length, lines, i * length, length)));
  const order = Array.from(lengths, (_, i) => i).sort((i, j) => lengths[j] - lengths[i] || i - j);
  const directions = new Float64Array(length * r);
  const others = new Float64Array(r * r);
  const S = new Float64Array(r);
  order.forEach((i, k) => {
    S[k] = lengths[i] * scale;
    for (let c = 0; c < r; c += 1) others[c * r + k] = turns[i * r + c];
    if (lengths[i] > 0) for (let c = 0; c < length; c += 1) directions[c * r + k] = lines[i * length + c] / lengths[i];
    else complete(directions, length, r, k);
  });
  return wide ? { U: others, S, V: directions } : { U: directions, S, V: others };
}

/** Divides by a power of 2 near the largest entry, so that no square over- or underflows; 0 for what is not finite. @type {(A: Float64Array) => number} */
function broughtNearOne(A) {
  let largest = 0;
  for (let i = 0; i < A.length; i += 1) largest = Math.max(largest, Math.abs(A[i])); // NaN stays NaN
  if (!(largest > 0 && largest < Infinity)) {
    A.fill(0);
    return 1;
  }
  const scale = 2 ** Math.floor(Math.log2(largest));
  for (let i = 0; i < A.length; i += 1) A[i] /= scale;
  return scale;
}

/** Turns pairs of rows until all are orthogonal; `turns` turns with them. @type {(lines: Float64Array, turns: Float64Array, r: number, length: number) => void} */
function orthogonalise(lines, turns, r, length) {
  const enough = EPSILON * Math.sqrt(length);
  for (let sweep = 0, again = true; again && sweep < MOST_SWEEPS; sweep += 1) {
    again = false;
    for (let p = 0; p < r - 1; p += 1) {
      for (let q = p + 1; q < r; q += 1) {
        let alpha = 0;
        let beta = 0;
        let gamma = 0;
        for (let c = 0; c < length; c += 1) {
          const x = lines[p * length + c];
          const y = lines[q * length + c];
          alpha += x * x;
          beta += y * y;
          gamma += x * y;
        }
        if (!(Math.abs(gamma) > enough * Math.sqrt(alpha) * Math.sqrt(beta))) continue;
        again = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const size = Math.abs(zeta);
        const t = (zeta < 0 ? -1 : 1) / (size + (size > STEEP ? size : Math.sqrt(1 + zeta * zeta)));
        const cosine = 1 / Math.sqrt(1 + t * t);
        turn(lines, p * length, q * length, length, cosine, cosine * t);
        turn(turns, p * r, q * r, r, cosine, cosine * t);
      }
    }
  }
}

/** Turns two rows by an angle. @type {(lines: Float64Array, atP: number, atQ: number, length: number, cosine: number, sine: number) => void} */
export function turn(lines, atP, atQ, length, cosine, sine) {
  for (let c = 0; c < length; c += 1) {
    const x = lines[atP + c];
    const y = lines[atQ + c];
    lines[atP + c] = cosine * x - sine * y;
    lines[atQ + c] = sine * x + cosine * y;
  }
}

/** @type {(A: Float64Array, atA: number, B: Float64Array, atB: number, length: number) => number} */
export function dotOf(A, atA, B, atB, length) {
  let sum = 0;
  for (let c = 0; c < length; c += 1) sum += A[atA + c] * B[atB + c];
  return sum;
}

/** Puts into column k of (length, r) the unit vector that the columns before leave the most of, made orthogonal to them. @type {(columns: Float64Array, length: number, r: number, k: number) => void} */
function complete(columns, length, r, k) {
  let [first, least] = [0, Infinity];
  for (let c = 0; c < length; c += 1) {
    const held = dotOf(columns, c * r, columns, c * r, k);
    if (held < least - EPSILON) [first, least] = [c, held];
  }
  columns[first * r + k] = 1;
  for (let again = 0; again < 2; again += 1) {
    for (let j = 0; j < k; j += 1) {
      let along = 0;
      for (let c = 0; c < length; c += 1) along += columns[c * r + j] * columns[c * r + k];
      for (let c = 0; c < length; c += 1) columns[c * r + k] -= along * columns[c * r + j];
    }
  }
  let square = 0;
  for (let c = 0; c < length; c += 1) square += columns[c * r + k] ** 2;
  for (let c = 0; c < length; c += 1) columns[c * r + k] /= Math.sqrt(square);
}

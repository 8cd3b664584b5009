// How m dimensions come to three: every view is a linear map, so whatever moves on screen moves in the run
// (Li, Zhao, Scheidegger, "Visualizing neural networks with the Grand Tour", Distill 2020).

/** @import { Film } from "./film.js" */
/** @import { Numbers, Points } from "./types.d.ts" */

/**
 * The views a film offers, its usual one first: name, label, and a caption that says what is seen and what is not. A
 * network has many classes, and dots that are known by name: it begins with the view that shows every class.
 * @type {(film: Film) => { name: string, label: string, words: string }[]}
 */
export function viewsOf(film) {
  if (film.axes <= 3) return [];
  const first = `Three fixed directions${film.fits ? " of the ideal frame" : ""}; the others are not seen.`;
  const tour = "The view turns through all dimensions as the film plays: what turns together is the view, what changes is the run.";
  const { caption } = film.header;
  const views = [
    { name: "first", label: "First three dimensions", words: `${caption} ${first}` },
    { name: "tour", label: "Tour", words: `${caption} ${tour}` },
    { name: "polygon", label: "Polygon", words: polygonWords(film) },
  ];
  return film.header.kind === "network" ? [views[2], views[0], views[1]] : views;
}

/** The film's caption speaks of three dimensions; a plane has two. @type {(film: Film) => string} */
function polygonWords({ fits, noSimplex, header }) {
  const plane = fits
    ? "the plane in which ideal class means form a regular polygon"
    : `${noSimplex}, so the class means need not form a regular polygon`;
  return `A shadow on 2 of ${header.dimension} dimensions: ${plane}. Lengths out of this plane are not seen; the cosine matrix counts all dimensions.`;
}

/**
 * The map of a view: three rows of `axes` numbers, orthonormal up to one common factor, which enlarges the shadow
 * of a simplex to about the size of the unit sphere.
 * @type {(film: Film, name: string | null | undefined, seconds: number) => { rows: Float64Array[], flat: boolean }}
 */
export function viewMap(film, name, seconds) {
  const { axes, classes } = film;
  if (axes <= 3) return { rows: unitRows(axes, axes), flat: axes < 3 };
  if (name === "polygon") return { rows: polygonRows(film), flat: true };
  const rows = unitRows(3, axes);
  if (name === "tour") rotate(rows, axes, seconds);
  const enlarge = Math.min(1.5, Math.max(1, 0.85 * Math.sqrt(Math.min(axes, classes - 1) / 3)));
  return { rows: rows.map((row) => row.map((x) => x * enlarge)), flat: false };
}

/** @type {(count: number, axes: number) => Float64Array[]} */
function unitRows(count, axes) {
  return Array.from({ length: count }, (_, i) => Float64Array.from({ length: axes }, (_, j) => Number(i === j)));
}

/**
 * Turns the rows in every plane of two axes, each at its own fixed pace, so that no direction stays hidden.
 * @type {(rows: Float64Array[], axes: number, seconds: number) => void}
 */
function rotate(rows, axes, seconds) {
  for (let a = 0; a < axes; a += 1) {
    for (let b = a + 1; b < axes; b += 1) {
      const pace = 0.05 + 0.2 * ((Math.sqrt(2) * (a * axes + b + 1)) % 1);
      const [c, s] = [Math.cos((seconds * pace) / Math.sqrt(axes)), Math.sin((seconds * pace) / Math.sqrt(axes))];
      for (const row of rows) [row[a], row[b]] = [c * row[a] - s * row[b], s * row[a] + c * row[b]];
    }
  }
}

/**
 * Rows sum_k cos(2 pi k / K) v_k and sum_k sin(2 pi k / K) v_k for the final ideal vertices v_k (the class means
 * where none fits): both are orthogonal to the all-ones vector, so a perfect simplex lands on a regular K-gon.
 * @type {(film: Film) => Float64Array[]}
 */
function polygonRows(film) {
  const { axes, classes, ends: vertices } = film;
  const rows = [new Float64Array(axes), new Float64Array(axes)];
  for (let k = 0; k < classes; k += 1) {
    const angle = (2 * Math.PI * k) / classes;
    for (let j = 0; j < axes; j += 1) {
      rows[0][j] += Math.cos(angle) * vertices[k * axes + j];
      rows[1][j] += Math.sin(angle) * vertices[k * axes + j];
    }
  }
  normalise(rows[0]);
  const overlap = rows[0].reduce((sum, x, j) => sum + x * rows[1][j], 0);
  rows[1].forEach((x, j) => { rows[1][j] = x - overlap * rows[0][j]; });
  normalise(rows[1]);
  const enlarge = Math.sqrt(Math.max(1, (classes - 1) / 2)); // the shadow of a unit vertex has length sqrt(2 / (K-1))
  return rows.map((row) => row.map((x) => x * enlarge));
}

/** @type {(row: Float64Array) => void} */
function normalise(row) {
  const length = Math.hypot(...row);
  if (length > 0) row.forEach((x, j) => { row[j] = x / length; });
}

/**
 * Applies a view to flat coordinates (count, axes) divided by `unit`; missing rows become 0.
 * @type {(points: Numbers, axes: number, rows: Float64Array[], unit: number) => Points}
 */
export function project(points, axes, rows, unit) {
  const count = points.length / axes;
  return [0, 1, 2].map((r) => {
    const row = rows[r], list = new Float32Array(count);
    if (!row) return list;
    for (let i = 0; i < count; i += 1) {
      let sum = 0;
      for (let j = 0; j < axes; j += 1) sum += row[j] * points[i * axes + j];
      list[i] = Number.isFinite(sum) ? sum / unit : 0;
    }
    return list;
  });
}

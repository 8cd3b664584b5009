// A run in its display frame: the snapshots that become frames, the samples that are shown, and where all of it stands
// (`ulpm_core/analysis/projection.py`).

/** @import { Trajectory } from "../types.d.ts" */
/** @import { StageFigures } from "./figures.d.ts" */
/** @import { Measured } from "./measure.js" */
import { simplexEtf } from "../etf.js";
import { applyTo, centredRows, multiply, multiplyTransposed, transposed } from "../linear_algebra.js";
import { firstColumns } from "../losses/encoding.js";
import { displayFrame, nearestTurn } from "./display_basis.js";
import { lengthOfRow } from "./rounding.js";
import { cosineOf, rowsOverLengths } from "./shapes_of_rows.js";

const BYTES_OF_A_COORDINATE = 4;

/** `count` whole numbers evenly from 0 to `last`, a half to the even one. @type {(last: number, count: number) => number[]} */
function evenly(last, count) {
  const step = last / (count - 1);
  return Array.from({ length: count }, (_, i) => {
    const place = count > 1 ? (i === count - 1 ? last : i * step) : 0;
    const whole = Math.floor(place);
    return place - whole === 0.5 ? whole + (whole % 2) : Math.round(place);
  });
}

/** Indices of at most so many samples, grouped by class: the same share of each, evenly spaced, and at least one. @type {(sizes: number[], most: number) => number[]} */
export function shownSamples(sizes, most) {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let first = 0;
  return sizes.flatMap((size) => {
    const kept = Math.max(1, Math.min(size, Math.floor((size * most) / all)));
    const shown = evenly(size - 1, kept).map((i) => first + i);
    first += size;
    return [...new Set(shown)];
  });
}

/** Both ends, the snapshots that are marked, and others evenly between. @type {(snapshots: number, marked: number[], most: number) => number[]} */
export function shownFrames(snapshots, marked, most) {
  const spread = evenly(snapshots - 1, Math.min(snapshots, most - marked.length));
  return [...new Set([...spread, ...marked])].sort((a, b) => a - b);
}

/** The share of the end state's feature spread that lies outside the axes shown. @type {(H: Float64Array, centre: Float64Array, frame: Float64Array, d: number) => number} */
function hiddenShare(H, centre, frame, d) {
  const samples = H.length / d;
  const axes = frame.length / d;
  const spread = H.map((x, i) => x - centre[Math.trunc(i / samples)]);
  const total = spread.reduce((sum, x) => sum + x * x, 0);
  const seen = multiply(frame, spread, axes, d, samples).reduce((sum, x) => sum + x * x, 0);
  const hidden = 1 - seen / total;
  return hidden > 0 ? hidden : 0; // also where nothing is spread, or numbers end
}

/**
 * Puts the coordinates of samples (d, N), less the centre, into `features` from `at` on: sample after sample.
 * @type {(H: Float64Array, samples: Int32Array, centre: Float64Array, frame: Float64Array, features: Float32Array, at: number) => void}
 */
function putCoordinates(H, samples, centre, frame, features, at) {
  const d = centre.length;
  const axes = frame.length / d;
  const N = H.length / d;
  const column = new Float64Array(d);
  const place = new Float64Array(axes);
  for (let i = 0; i < samples.length; i += 1) {
    for (let c = 0; c < d; c += 1) column[c] = H[c * N + samples[i]] - centre[c];
    applyTo(frame, axes, d, column, place);
    for (let axis = 0; axis < axes; axis += 1) features[at + i * axes + axis] = place[axis];
  }
}

/** @type {(rows: Float64Array, K: number, d: number) => number} */
function meanLength(rows, K, d) {
  let sum = 0;
  for (let k = 0; k < K; k += 1) sum += lengthOfRow(rows, k, d);
  return sum / K;
}

/** @type {(rows: Float64Array, K: number, d: number) => Float64Array} */
export function cosinesOfRows(rows, K, d) {
  const unit = rowsOverLengths(rows, K, d);
  return Float64Array.from({ length: K * K }, (_, i) => cosineOf(unit, d, Math.trunc(i / K), i % K));
}

/**
 * The stage of a measured run, its arrays flat and frame after frame; `ideal` is null where no best frame is known.
 * @typedef {{ frames: Int32Array, samples: Int32Array, axes: number, hidden: number, ideal: Float32Array | null } & Record<"features" | "means" | "classifiers" | "scale" | "scale_w" | "cosines" | "cosines_w", Float32Array>} Stage
 */

/** The stage, with a pause after each frame; `target` are the class means of the ideal frame where it is not the `simplex`. @type {(run: Trajectory, seen: Measured[], marked: number[], target: Float64Array | null, simplex: boolean, figures: StageFigures) => Generator<void, Stage, void>} */
export function* staging({ config, states }, seen, marked, target, simplex, figures) {
  const { classes: K, dimension: d, sizes } = config;
  const end = seen.length - 1;
  const frames = Int32Array.from(shownFrames(seen.length, marked, figures.most_frames));
  const axes = Math.min(d, Math.max(3, K - 1), figures.most_axes);
  const fit = Math.floor(figures.feature_bytes / (frames.length * axes * BYTES_OF_A_COORDINATE));
  const samples = Int32Array.from(shownSamples(sizes, fit));
  const frame = displayFrame(seen[end].centred, states[end].H, K, d, axes, figures);
  yield;
  const room = (/** @type {number} */ size) => new Float32Array(frames.length * size);
  const stage = {
    frames, samples, axes, hidden: hiddenShare(states[end].H, seen[end].centre, frame, d),
    features: room(samples.length * axes), means: room(K * axes), classifiers: room(K * axes), scale: room(1), scale_w: room(1),
    cosines: room(K * K), cosines_w: room(K * K), ideal: target || simplex ? room(K * axes) : null,
  };
  const r = target ? Math.min(K, d) : K - 1;
  const best = target ? firstColumns(target, d, r) : simplex ? simplexEtf(K, r) : new Float64Array(0);
  const turnedBest = stage.ideal ? transposed(best, K, r) : best;
  const length = stage.ideal ? meanLength(best, K, r) : 1;
  for (const [f, t] of frames.entries()) {
    const { centred: means, centre } = seen[t];
    const classifiers = centredRows(states[t].W, K, d);
    const scale = meanLength(means, K, d);
    putCoordinates(states[t].H, samples, centre, frame, stage.features, f * samples.length * axes);
    stage.means.set(multiplyTransposed(means, frame, K, d, axes), f * K * axes);
    stage.classifiers.set(multiplyTransposed(classifiers, frame, K, d, axes), f * K * axes);
    stage.scale[f] = scale;
    stage.scale_w[f] = meanLength(classifiers, K, d);
    stage.cosines.set(cosinesOfRows(means, K, d), f * K * K);
    stage.cosines_w.set(cosinesOfRows(classifiers, K, d), f * K * K);
    if (stage.ideal) {
      const turned = multiplyTransposed(nearestTurn(turnedBest, means, r, K, d), frame, r, d, axes);
      stage.ideal.set(multiply(best, turned, K, r, axes).map((x) => (x * scale) / length), f * K * axes);
    }
    yield;
  }
  return stage;
}

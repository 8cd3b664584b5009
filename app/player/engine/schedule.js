// The schedule of snapshots: the first steps each, then log-spaced; of a flow, times even on the log log axis. The same
// lines as `ulpm_core/dynamics/schedule.py`.

/** @import { Config } from "./config.js" */

const MILLION = 1_000_000;
/** A flow records `snapshots` states on the way to t = e^1000; beyond, as many for each doubling of log t as before. */
const FLOW_HORIZON = 1000;
/** Most memory one trajectory's snapshots may take on the way to a million steps. */
const SNAPSHOT_BYTES = 256 * 2 ** 20;
/** Float64 has 53 bits: after so many halvings the smallest ratio is known to the last of them. */
const HALVINGS = 60;
/** @type {Map<number, number>} */
const ratios = new Map();

/** The step recorded after `step`, at least the next one, each `ratio` times the one before. @type {(step: number, ratio: number) => number} */
function nextRecorded(step, ratio) {
  return Math.max(step + 1, Math.floor(step * ratio));
}

/** Whether the steps 0, 1, 2, ... up to a million, each `ratio` times the one before, are fewer than `most`. @type {(most: number, ratio: number) => boolean} */
function fewerThan(most, ratio) {
  let count = 1;
  for (let step = 1; step <= MILLION && count < most; step = nextRecorded(step, ratio)) count += 1;
  return count < most;
}

/** The smallest ratio that records at most `snapshots` states on the way to a million steps. @type {(snapshots: number) => number} */
function ratioFor(snapshots) {
  const known = ratios.get(snapshots);
  if (known !== undefined) return known;
  let [low, high] = [1 + 1e-6, MILLION];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = Math.sqrt(low * high);
    if (fewerThan(snapshots, middle)) high = middle;
    else low = middle;
  }
  ratios.set(snapshots, high);
  return high;
}

/** The config's `snapshots`, or as many as 256 MB hold. @type {(config: Config) => number} */
export function snapshotsThatFit(config) {
  const entries = config.dimension * (config.classes + config.sampleCount);
  return Math.max(3, Math.min(config.snapshots, Math.floor(SNAPSHOT_BYTES / (8 * entries))));
}

/**
 * The steps at which a run of this config is recorded; the last is config.steps. A longer run records the same steps as
 * a shorter one, and more: a turned knob of its length changes no frame that both have.
 * @type {(config: Config) => number[]}
 */
export function recordedSteps(config) {
  const ratio = ratioFor(snapshotsThatFit(config));
  const steps = [0];
  for (let step = 1; step <= config.steps; step = nextRecorded(step, ratio)) steps.push(step);
  if (steps[steps.length - 1] !== config.steps) steps.push(config.steps);
  return steps;
}

/**
 * log t after so many steps: of a multiple of the learning rate, or for normalised steps what has `passed`.
 * @type {(config: Config, step: number, passed: number) => number}
 */
export function logTimeAfter(config, step, passed) {
  return Number.isNaN(config.stepTime) ? passed : Math.log(step * config.stepTime);
}

/** log t at the clock c = log(1 + t), for any c >= 0. @type {(c: number) => number} */
export function logExpm1(c) {
  return c > 0 ? c + Math.log(-Math.expm1(-c)) : -Infinity;
}

/** log(e^a + e^b), for a or b of any size. @type {(a: number, b: number) => number} */
export function logAddExp(a, b) {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** @type {(config: Config) => number} */
function lineSpacing(config) {
  return Math.log1p(FLOW_HORIZON) / snapshotsThatFit(config);
}

/**
 * The last line of a flow's schedule at or before log t; lines lie evenly in log(1 + c), c = log(1 + t).
 * @type {(config: Config, logTime: number) => number}
 */
export function lineOf(config, logTime) {
  return Math.trunc(Math.log1p(logAddExp(0, logTime)) / lineSpacing(config) + 1e-9);
}

/** The lines c of a flow's schedule with after < c <= upto. @type {(config: Config, after: number, upto: number) => number[]} */
export function linesBetween(config, after, upto) {
  const spacing = lineSpacing(config);
  const lines = [];
  const last = Math.floor(Math.log1p(upto) / spacing) + 1;
  for (let line = Math.floor(Math.log1p(after) / spacing); line <= last; line += 1) {
    const c = Math.expm1(spacing * line);
    if (after < c && c <= upto) lines.push(c);
  }
  return lines;
}

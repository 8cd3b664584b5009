// The moments of a run that its clock marks, as `ulpm_core/analysis/marks.py`; there are no runs from saddles here.

/** @import { MarkOfRun, State, Trajectory } from "../types.d.ts" */
/** @import { LawFigures } from "./figures.d.ts" */
import { centredRows } from "../linear_algebra.js";
import { stepRule } from "../rules/known.js";
import { lengthOfRow } from "./rounding.js";

/** The class means of a snapshot less their centre, and that centre. @typedef {{ centred: Float64Array, centre: Float64Array }} Means */

/** The marks of a run, `error` being its share of samples without a positive margin. @type {(run: Trajectory, error: Float64Array, means: Means[], figures: LawFigures) => MarkOfRun[]} */
export function marksOf(run, error, means, { log_threshold: threshold, billion, alike, gone }) {
  const { config, states, logLoss, handOver, outcome } = run;
  /** @type {MarkOfRun[]} */
  const found = [];
  const mark = (/** @type {number} */ snapshot, /** @type {string} */ name, logTime = NaN) => found.push({ snapshot, name, logTime, classes: [] });
  const last = states.length - 1;
  const wrong = error.findLastIndex((share) => share > 0);
  if (error[last] === 0 && wrong >= 0) mark(wrong + 1, "zero-training-error");
  const whole = config.loss_reduction === "mean" ? Math.log(config.sampleCount) : 0; // of the loss summed over samples
  const terminal = logLoss.findIndex((value) => value + whole < threshold);
  const ours = config.isUlpm && stepRule(config).geometry === "euclidean"; // of another norm the theorem says nothing
  if (ours && terminal > 0) mark(terminal, "log-2");
  if (handOver) mark(handOver.frame, "hand-over");
  const at = Math.log(billion * config.learning_rate);
  if (config.method === "gradient-flow" && run.logTime[0] < at && at <= run.logTime[last]) {
    mark(run.logTime.findIndex((value) => value >= at), "billion-steps", at);
  }
  const rest = config.flows && !config.isUlpm ? restOf(states) : 0;
  if (0 < rest && rest < last) mark(rest, "at-rest");
  if (outcome === "diverged") mark(last, "diverged");
  if (config.class_sizes.length && !config.isUlpm) found.push(...(vanishedOf(run, means, gone) ?? mergedOf(run, means, alike)));
  return found;
}

/** When the classifiers of all classes of the smallest size, and their means, had become one each to stay so. @type {(run: Trajectory, means: Means[], alike: number) => MarkOfRun[]} */
function mergedOf({ config, states }, means, alike) {
  const { sizes, classes: K, dimension: d } = config;
  const small = [...sizes].flatMap((size, k) => (size === Math.min(...sizes) ? [k] : []));
  if (small.length < 2) return [];
  const one = (/** @type {Float64Array} */ rows) => small.every((k) => {
    let square = 0;
    for (let c = 0; c < d; c += 1) square += (rows[k * d + c] - rows[small[0] * d + c]) ** 2;
    return Math.sqrt(square) <= alike * lengthOfRow(rows, small[0], d);
  });
  return toStay(states.map(({ W }, t) => one(centredRows(W, K, d)) && one(means[t].centred)), "merged", small);
}

/** When classifiers and means of those classes that have no length at the end had lost it; null where all have it. @type {(run: Trajectory, means: Means[], gone: number) => MarkOfRun[] | null} */
function vanishedOf({ config: { classes: K, dimension: d }, states }, means, gone) {
  const short = (/** @type {Float64Array} */ rows) => {
    const lengths = Array.from({ length: K }, (_, k) => lengthOfRow(rows, k, d));
    return lengths.map((length) => length < gone * Math.max(...lengths));
  };
  const both = states.map(({ W }, t) => {
    const { centred, centre } = means[t];
    const ofMeans = short(centred.map((x, i) => x + centre[i % d]));
    return short(W).map((is, k) => is && ofMeans[k]);
  });
  const classes = both[both.length - 1].flatMap((is, k) => (is ? [k] : []));
  if (!classes.length) return null;
  const found = toStay(both.map((is) => classes.every((k) => is[k])), "vanished", classes);
  return found.length ? found : null;
}

/** The mark at the snapshot from which on something holds to the end, if it did not at the start. @type {(holds: boolean[], name: string, classes: number[]) => MarkOfRun[]} */
function toStay(holds, name, classes) {
  const fails = holds.lastIndexOf(false);
  return fails < 0 || fails === holds.length - 1 ? [] : [{ snapshot: fails + 1, name, logTime: NaN, classes }];
}

/** The snapshot from which the state is the last one. @type {(states: State[]) => number} */
function restOf(states) {
  const end = states[states.length - 1];
  return states.findLastIndex(({ W, H }) => W.some((x, i) => x !== end.W[i]) || H.some((x, i) => x !== end.H[i])) + 1;
}

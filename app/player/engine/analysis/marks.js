// The moments of a run that its clock marks, as `ulpm_core/analysis/marks.py`; there are no runs from saddles here.

/** @import { MarkOfRun, Trajectory } from "../types.d.ts" */
/** @import { LawFigures } from "./figures.d.ts" */

/** The marks of a run, `error` being its share of samples without a positive margin. @type {(run: Trajectory, error: Float64Array, figures: LawFigures) => MarkOfRun[]} */
export function marksOf(run, error, { log_threshold: threshold, billion }) {
  const { config, states, logLoss, handOver, outcome } = run;
  /** @type {MarkOfRun[]} */
  const found = [];
  const mark = (/** @type {number} */ snapshot, /** @type {string} */ name, logTime = NaN) => found.push({ snapshot, name, logTime });
  const last = states.length - 1;
  const wrong = error.findLastIndex((share) => share > 0);
  if (error[last] === 0 && wrong >= 0) mark(wrong + 1, "zero-training-error");
  const whole = config.loss_reduction === "mean" ? Math.log(config.sampleCount) : 0; // of the loss summed over samples
  const terminal = logLoss.findIndex((value) => value + whole < threshold);
  if (config.isUlpm && terminal > 0) mark(terminal, "log-2");
  if (handOver) mark(handOver.frame, "hand-over");
  const at = Math.log(billion * config.learning_rate);
  if (config.method === "gradient-flow" && run.logTime[0] < at && at <= run.logTime[last]) {
    mark(run.logTime.findIndex((value) => value >= at), "billion-steps", at);
  }
  if (outcome === "diverged") mark(last, "diverged");
  return found;
}

// The predicted laws of a run's curves, each over the part of the film along which its curve follows it, as
// `ulpm_core/analysis/laws.py` with the slopes of `rates.py`.

/** @import { Config } from "../config.js" */
/** @import { LawOfRun, Trajectory } from "../types.d.ts" */
/** @import { LawFigures } from "./figures.d.ts" */
import { stepRule } from "../rules/known.js";

/** Whether a metric follows no power of log t, for K classes in d dimensions. @type {(name: string, K: number, d: number) => boolean} */
function lawless(name, K, d) {
  if (d < K - 1) return true;
  if (K === 2 && ["nc2_norms", "nc2_norms_w", "nc2_angles", "nc2_angles_w"].includes(name)) return true;
  if (K === 2 && d === 1 && ["nc3", "nc2_angles_w_uncentred"].includes(name)) return true;
  return d === K - 1 && ["nc1", "nc1_trace_ratio"].includes(name);
}

/** The slope of a metric over log t, null where it follows no power of it. @type {(name: string, K: number, d: number, slopes: Record<string, number>) => number | null} */
export function predictedSlope(name, K, d, slopes) {
  if (lawless(name, K, d)) return null;
  return K === 2 && name === "nc2_angles_w_uncentred" ? -1 : slopes[name];
}

/** log t at which the slowest transient t^-e has fallen to `settled`. @type {(K: number, settled: number) => number} */
function honestFrom(K, settled) {
  return -Math.log(settled) / (K > 2 ? 1 / (2 * K) : 0.5);
}

/**
 * The rate at which the spread inside the classes, a square, decays in the end beside weight decay; 0 where it is not
 * known (docs/theory.md 6.9).
 * @type {(config: Config, loss: string) => number}
 */
function noiseRate(config, loss) {
  const { classes: K, per_class: n, decays: [w, h] } = config;
  const tau = Math.sqrt(n * w * h) / (config.loss_reduction === "mean" ? 1 : config.sampleCount);
  if (config.loss !== loss || !config.simplexIsIdeal || K < 3 || n < 2 || !(0 < tau && tau < 1 / K)) return 0;
  return config.dimension > K - 1 ? 2 * h : 2 * h * (1 + Math.log(1 / tau - K + 1) / K);
}

/**
 * The law of the spread inside the classes, as far back as the curve follows it.
 * @type {(logTime: ArrayLike<number>, values: ArrayLike<number>, frames: Int32Array, figures: LawFigures, rate: number) => LawOfRun[]}
 */
function exponentials(logTime, values, frames, { least, followed, deep_enough: deep, largest_log: largest, noise }, rate) {
  const curve = [...frames].map((f) => values[f]);
  const last = curve.findLastIndex((value) => value > least);
  if (last < 0 || !curve.slice(0, last).every((value) => value > least)) return [];
  const t = [...frames].map((f) => Math.exp(Math.min(logTime[f], largest)));
  const law = curve.slice(0, last + 1).map((_, i) => curve[last] * Math.exp(-rate * (t[i] - t[last])));
  const from = law.findLastIndex((value, i) => !(Math.abs(curve[i] / value - 1) <= followed)) + 1;
  if (!(law[from] >= deep * law[last])) return [];
  const seen = Int32Array.from({ length: last + 1 - from }, (_, i) => from + i);
  return [{ curve: noise.curve, slope: 0, frames: seen, values: Float64Array.from(law.slice(from)), rate }];
}

/** @type {(run: Trajectory, metrics: Record<string, Float64Array>, frames: Int32Array, figures: LawFigures) => LawOfRun[]} */
export function lawsOf({ config, outcome, logTime }, metrics, frames, figures) {
  const { classes: K, dimension: d, flows } = config;
  const end = logTime[logTime.length - 1];
  const crawls = !Number.isNaN(stepRule(config).stepTime(1));
  const slow = crawls && config.simplexIsIdeal && config.isUlpm;
  const rate = noiseRate(config, figures.noise.loss);
  if (outcome === "done" && crawls && rate) return exponentials(logTime, metrics[figures.noise.curve], frames, figures, rate);
  if (outcome !== "done" || !slow || end < Math.log(10)) return [];
  const since = flows ? Math.max(end / Math.E ** 2, Math.min(end / Math.E, honestFrom(K, figures.settled))) : end / 2;
  const late = [...frames.keys()].filter((f) => logTime[frames[f]] >= since);
  return (flows ? Object.keys(figures.slopes) : figures.by_steps).flatMap((name) => {
    const slope = predictedSlope(name, K, d, figures.slopes);
    const curve = late.map((f) => (name === "gamma_gap" ? 1 - metrics.gamma[frames[f]] : metrics[name][frames[f]]));
    const last = curve[curve.length - 1];
    if (slope === null || !(last > figures.least)) return [];
    const law = late.map((f) => last * (logTime[frames[f]] / end) ** slope);
    const from = law.findLastIndex((value, i) => !(Math.abs(curve[i] / value - 1) <= figures.followed)) + 1;
    if (logTime[frames[late[from]]] * figures.long_enough > end) return [];
    return [{ curve: name, slope, frames: Int32Array.from(late.slice(from)), values: Float64Array.from(law.slice(from)) }];
  });
}

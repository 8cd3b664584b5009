// The shapes of what passes between the engine's modules. Only the type checker reads this file.

import type { Config } from "./config.js";

/** W (K, d) and H (d, N), row after row, samples grouped by class: as nested arrays flattened in C order. */
export interface State { W: Float64Array; H: Float64Array }

/**
 * A parameter of a run, as `app/engine/parameters.py` exports it: `here` are the choices that the engine has,
 * `allowed` and `example` what a refusal says is allowed. A list has `most` entries at most; of per_class, `most` is how many numbers W and H may hold together.
 */
export interface Parameter {
  name: string;
  label: string;
  help: string;
  kind: "int" | "float" | "text" | "bound" | "sizes";
  default: number | string | number[];
  low: number | null;
  high: number | null;
  choices: string[];
  here: string[];
  allowed: string;
  example: string;
  most?: number;
}
/** Templates of Python's refusals by name, as `app/engine/refusals.py` exports them. */
export type Phrases = Record<string, string>;
/** All that a config is checked by, and one to learn from. */
export interface Parameters { known: Record<string, Parameter>; refusals: Phrases; example: string }
/** What the seconds of a run are foretold by, and how one that takes more is refused, as `app/engine/cost.py` exports it. */
export interface Cost {
  seconds: number;
  pace: { step: number; logit: number; product: number };
  flow: { evaluations: number; late: number; to_rest: number; most: number; step: number; entry: number; cube: number };
  words: { why: string; minutes: string; hours: string; days: string };
}
/** Names and values of parameters as in links: `learning_rate`, `class_sizes`; what is left out is the default. */
export type Fields = Record<string, unknown>;

/** The fields of a run, each in its own type; what they mean is said in `ulpm_core/model/parameters.py`. */
export interface RunFields {
  classes: number;
  dimension: number;
  per_class: number;
  class_sizes: number[];
  learning_rate: number;
  method: string;
  steps: number;
  log_time: number;
  fast_forward: number;
  initialisation: string;
  initial_scale: number;
  seed: number;
  tolerance: number;
  momentum: number;
  beta2: number;
  epsilon: number;
  loss: string;
  smoothing: number;
  weight_decay: number;
  weight_decay_h: number;
  decay: string;
  norm_bound_w: number;
  norm_bound_h: number;
  feature_norm: number;
  loss_reduction: string;
  snapshots: number;
  /** "" for a random start, else 64 digits that name the start that was given. */
  initial_digest: string;
}

export type Outcome = "done" | "diverged" | "cancelled" | "stalled" | "running";

/** Where gradient flow took a run over (`HandOver` in `ulpm_core/dynamics/trajectory.py`). */
export interface HandOver { frame: number; step: number; logTime: number; fromStep: number; error: number }

/** Snapshots of a run; the last one is its end state (`Trajectory` in `ulpm_core/dynamics/trajectory.py`). */
export interface Trajectory {
  config: Config;
  start: State;
  labels: Int32Array;
  states: State[];
  step: number[];
  logTime: number[];
  logLoss: number[];
  outcome: Outcome;
  /** The step that the run is at, beyond the last snapshot where numbers ended. */
  at: number;
  /** Whether gradient flow has a part in what is recorded. */
  flowing: boolean;
  /** log t since which the flow is at rest; null where it is not. */
  rest: number | null;
  handOver: HandOver | null;
  rightHandSides: number;
}

/** One look at how far a run is: its share of the whole, and the run so far. */
export interface Look { share: number; words: string; trajectory: () => Trajectory }

/** A moment of a run: a snapshot, its name, log t where it lies between snapshots, else NaN, and the classes it is of, if not all. */
export interface MarkOfRun { snapshot: number; name: string; logTime: number; classes: number[] }
/** A line c (log t)^slope through the end of a curve: its values at these frames. */
export interface LawOfRun { curve: string; slope: number; frames: number[] | Int32Array; values: number[] | Float64Array; rate?: number }
/** The class means at the end: degrees off the ideal, degrees to the nearest, and the best cosines where sizes differ. */
export interface EndOfRun { gap: number; nearest: [number, number]; best: Record<string, number> }
/** What the stage shows, flat, frame after frame: `Stage` and `View` in `ulpm_core/analysis/projection.py`. */
export interface StageOfRun {
  frames: number[] | Int32Array;
  samples: number[] | Int32Array;
  axes: number;
  features: ArrayLike<number>;
  means: ArrayLike<number>;
  classifiers: ArrayLike<number>;
  scale: ArrayLike<number>;
  scale_w: ArrayLike<number>;
  cosines: ArrayLike<number>;
  cosines_w: ArrayLike<number>;
  ideal: ArrayLike<number> | null;
  hidden: number;
}
/** Centred class means and classifiers of the frame that a run tends to, where it is no simplex (`ulpm_core/analysis/target.py`). */
export interface TargetOfRun { kind: string; means: Float64Array; classifiers: Float64Array }
/** All that a film shows of a run beside its states (`Analysis` in `ulpm_core/analysis/analysis.py`), as films read it. */
export interface AnalysisOfRun {
  metrics: Record<string, Float64Array>;
  /** The share of samples without a positive margin, of each snapshot. */
  error: Float64Array;
  stage: StageOfRun;
  marks: MarkOfRun[];
  laws: LawOfRun[];
  ending: EndOfRun;
  target: TargetOfRun | null;
}

// The numbers of Python's analysis that the engine's is made with: `app/engine/analysis.py`. Only the type checker reads
// this file.

/** What is rounding, and what a stage holds: `ulpm_core/analysis/rounding.py` and `projection.py`. */
export interface StageFigures {
  rank_tolerance: number;
  most_frames: number;
  most_axes: number;
  feature_bytes: number;
  even: number;
  nothing: number;
  stands_out: number;
  no_length: number;
}
/** What marks and laws are told by: `ulpm_core/analysis/marks.py`, `laws.py` and `rates.py`. */
export interface LawFigures {
  log_threshold: number;
  billion: number;
  alike: number;
  gone: number;
  /** Slopes of curves that stand in a panel, in their order. */
  slopes: Record<string, number>;
  by_steps: string[];
  settled: number;
  least: number;
  followed: number;
  long_enough: number;
  deep_enough: number;
  largest_log: number;
  /** The curve whose exponential beside weight decay is known, and the loss of which. */
  noise: { curve: string; loss: string };
}
export type AnalysisFigures = StageFigures & LawFigures;

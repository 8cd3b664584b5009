// What a run's config offers the engine's modules, under the names of `RunConfig`. Only the type checker reads this file.

import type { Fields } from "./types.d.ts";

export interface Config {
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
  loss: string;
  loss_reduction: string;
  snapshots: number;
  sizes: number[];
  labels: Int32Array;
  sampleCount: number;
  simplexFits: boolean;
  simplexIsIdeal: boolean;
  isUlpm: boolean;
  flows: boolean;
  flowEnd: number;
  stepTime: number;
  decays: [number, number];
  bounds: [number, number];
  digest: string;
  toJSON(): Fields;
  with(changes: Fields): Config;
}

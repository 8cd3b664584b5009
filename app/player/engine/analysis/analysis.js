// `analyse`: all that a film shows of a run beside its states, as `ulpm_core/analysis/analysis.py`. What it does not have is
// the separation problem: certificates and the theory that rests on them are the full lab's.

/** @import { Config } from "../config.js" */
/** @import { AnalysisOfRun, Trajectory } from "../types.d.ts" */
/** @import { AnalysisFigures } from "./figures.d.ts" */
/** @import { Measured } from "./measure.js" */
import { centredRows } from "../linear_algebra.js";
import { Objective } from "../objective.js";
import { finished } from "../pauses.js";
import { lawsOf } from "./laws.js";
import { marksOf } from "./marks.js";
import { measuring, metricsOf } from "./measure.js";
import { staging } from "./projection.js";
import { anglesOf, sizeCosines } from "./shapes_of_rows.js";
import { targetOf, whyNone } from "./target.js";

/** What is shown of a run; `past` is the part that a later look at the same run need not find again. @typedef {AnalysisOfRun & { past: Measured[] }} Analysis */

/** The analysis of a run, of which an earlier look may have found a part. @type {(run: Trajectory, past: Measured[] | null, figures: AnalysisFigures) => Analysis} */
export function analyse(run, past, figures) {
  return finished(analysing(run, past ?? [], figures));
}

/** The same, with pauses. @type {(run: Trajectory, past: Measured[], figures: AnalysisFigures) => Generator<void, Analysis, void>} */
export function* analysing(run, past, figures) {
  const seen = yield* measuring(run, past, figures);
  const metrics = metricsOf(seen);
  const error = Float64Array.from(seen, (measured) => measured.error);
  const marks = marksOf(run, error, seen, figures);
  const objective = Objective.of(run.config);
  const target = targetOf(run.config, objective, seen[seen.length - 1].centred);
  const simplex = run.config.simplexIsIdeal && !whyNone(run.config, objective);
  const stage = yield* staging(run, seen, marks.map(({ snapshot }) => snapshot), target && target.means, simplex, figures);
  const { classes, dimension } = run.config;
  const ending = { ...anglesOf(seen[seen.length - 1].centred, classes, dimension), best: bestCosines(run.config, objective) };
  return { metrics, error, stage, marks, laws: lawsOf(run, metrics, stage.frames, figures), ending, target, past: seen };
}

/** The cosines between classifiers at the best geometry of class sizes that differ, where it is known. @type {(config: Config, objective: Objective) => Record<string, number>} */
function bestCosines(config, objective) {
  const { class_sizes: sizes, dimension } = config;
  const { state } = sizes.length ? objective.goal : { state: null };
  if (state === null) return {};
  const found = Object.entries(sizeCosines(centredRows(state.W, sizes.length, dimension), [...sizes], dimension) ?? {});
  return Object.fromEntries(found.filter(([, cosine]) => Number.isFinite(cosine)));
}

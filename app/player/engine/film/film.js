// The film of a run: its header, its arrays and their bytes, as `ulpm_core/film/film.py` lays them out.

/** @import { Config } from "../config.js" */
/** @import { AnalysisOfRun, TargetOfRun, Trajectory } from "../types.d.ts" */
/** @import { FilmTable } from "./table.d.ts" */
/** @import { Told } from "./told.js" */
import { Objective } from "../objective.js";
import { cosinesOfRows } from "../analysis/projection.js";
import { whyNone } from "../analysis/target.js";
import { filmBytes } from "./bytes.js";
import { parted } from "./cited.js";
import { captionWords, shownNote, titleOf } from "./captions.js";
import { lawGuides, laidOut, valuesOf } from "./curves.js";
import { eventsOf } from "./events.js";
import { sentencesOf } from "./sentences.js";
import { optimumNote } from "./stop_reason.js";
import { toldOf } from "./told.js";

/** Cosines are told to so many parts. */
const MICRO = 1e6;

/** The arrays that the stage draws, each with what one of its frames is shaped like. @type {(told: Told) => Record<string, number[]>} */
function shapesOf({ config: { classes }, analysis: { stage } }) {
  const places = [classes, stage.axes];
  return {
    features: [stage.samples.length, stage.axes], means: places, classifiers: places, scale: [], scale_w: [],
    cosines: [classes, classes], cosines_w: [classes, classes], ...(stage.ideal ? { ideal: places } : {}),
  };
}

/** The film of a trajectory, laid out from its analysis. @type {(run: Trajectory, analysis: AnalysisOfRun, table: FilmTable) => ArrayBuffer} */
export function buildFilm(run, analysis, table) {
  const told = toldOf(run, Objective.of(run.config), analysis, table);
  const { stage } = analysis;
  const { panels, curves } = laidOut(told);
  /** @type {Record<string, { shape: number[], data: Float32Array | Float64Array }>} */
  const arrays = {};
  for (const [name, shape] of Object.entries(shapesOf(told))) {
    const data = /** @type {ArrayLike<number>} */ (stage[/** @type {keyof import("../types.d.ts").StageOfRun} */ (name)]);
    arrays[name] = { shape: [stage.frames.length, ...shape], data: new Float32Array(data) };
  }
  const values = Object.fromEntries(curves.map(({ name }) => [name, valuesOf(told, name)]));
  for (const [name, data] of Object.entries(values)) arrays[name] = { shape: [stage.frames.length], data };
  const said = parted(sentencesOf(told), values, stage.frames);
  return filmBytes({ ...headerOf(told), ...said, panels, curves: curves.map(inHeader) }, arrays);
}

/** What of a curve a film's header holds. @type {(curve: import("./table.d.ts").KnownCurve) => object} */
function inHeader({ name, label, definition, scale, on, floor }) {
  return { name, label, definition, scale, on, floor };
}

/** @type {(told: Told) => object} */
function headerOf(told) {
  const { run, config, objective, analysis: { stage, target }, table, say } = told;
  const unframed = whyNone(config, objective);
  const labels = Array.from(stage.samples, (i) => run.labels[i]);
  const shown = config.sizes.map((_, k) => labels.filter((label) => label === k).length);
  const frames = [...stage.frames];
  const logTime = frames.map((t) => run.logTime[t]);
  return {
    format: table.curves.format,
    digest: config.digest,
    partial: run.outcome === "running",
    title: titleOf(config, say),
    classes: config.classes,
    dimension: config.dimension,
    per_class: config.per_class,
    shown_per_class: Math.min(...shown),
    frames: frames.length,
    axes: stage.axes,
    labels,
    clock: {
      by: config.flows ? "log_time" : "step",
      step: frames.map((t) => run.step[t]),
      time: logTime.map(Math.exp),
      log_time: logTime,
    },
    guides: lawGuides(told),
    events: eventsOf(told),
    caption: captionWords(config, stage.axes, stage.hidden, target !== null, unframed, say),
    fits: config.simplexIsIdeal && !unframed,
    stop_reason: told.stopReason,
    outcome: run.outcome,
    note: [shownNote(config, shown, say), elsewhereWords(told)].filter(Boolean).join(" "),
    config: configIn(config, table),
    flow_from: config.flows ? flowFrom(told) : null,
    made_by: table.curves.made_by,
    theory: null,
    escape: null,
    ...(config.class_sizes.length ? { class_sizes: [...config.class_sizes] } : {}),
    ...(target ? { target: targetIn(target, config) } : {}),
  };
}

/** The ideal frame that is no simplex, by the cosines at which the matrix is blank, row after row. @type {(target: TargetOfRun, config: Config) => object} */
function targetIn({ kind, means, classifiers }, { classes: K, dimension: d }) {
  const rounded = (/** @type {Float64Array} */ rows) => Array.from(cosinesOfRows(rows, K, d), (x) => (Number.isFinite(x) ? Math.round(x * MICRO) / MICRO : 0));
  return { kind, cosines: rounded(means), cosines_w: rounded(classifiers) };
}

/** What of such a run the full lab alone measures; empty where that is nothing. @type {(told: Told) => string} */
function elsewhereWords({ run, config, objective, table, say }) {
  if (config.endless) return say("certificates");
  const told = config.isUlpm || run.outcome === "diverged" || optimumNote(objective, table.words);
  return !told && Number.isNaN(objective.ideal.value) ? say("proof") : "";
}

/** The config with all its fields, so that films tell which of them differ, as Python's hold it. @type {(config: Config, table: FilmTable) => object} */
function configIn(config, { config: { kind, added } }) {
  const said = config.toJSON();
  const all = Object.entries({ kind, ...config });
  return Object.fromEntries(all.filter(([name]) => !added.includes(name) || name in said));
}

/** The first frame that gradient flow reached; as many as there are where the steps before it are still under way. @type {(told: Told) => number} */
function flowFrom({ run, config, analysis: { stage: { frames } } }) {
  if (config.method === "gradient-flow") return 0;
  const { handOver } = run;
  const found = handOver === null ? -1 : frames.findIndex((snapshot) => snapshot > handOver.frame);
  return found < 0 ? frames.length : found;
}

// What the worker computes: films, of which the newest alone counts, and runs, one after another.

/** @import { AnalysisFigures } from "./analysis/figures.d.ts" */
/** @import { Measured } from "./analysis/measure.js" */
/** @import { FilmTable } from "./film/table.d.ts" */
/** @import { FromWorker, GivenStart, RunEnd } from "./messages.d.ts" */
/** @import { Fields, Look, Parameters, State, Trajectory } from "./types.d.ts" */
import { analysing } from "./analysis/analysis.js";
import { measuring } from "./analysis/measure.js";
import { Config } from "./config.js";
import { buildFilm } from "./film/film.js";
import { filled } from "./film/said.js";
import { givenRun, nested } from "./given.js";
import { Growth } from "./growth.js";
import { refuseTooLarge } from "./memory.js";
import { Run } from "./run.js";
import { finished, paced } from "./pauses.js";
import { refuse, spanWords } from "./refusal.js";
import { SLICE_MS, inSlices } from "./slices.js";

/** @typedef {FilmTable & { parameters: Parameters, analysis: AnalysisFigures }} EngineTable */
/** @typedef {(message: FromWorker, films?: ArrayBuffer[]) => void} Tell tells the page, and hands films over */
/** @typedef {{ digest: string, growth: Growth, making: Generator<void, void, void> }} Filming a film in the making */

export class Jobs {
  /**
   * @param {EngineTable} table
   * @param {Tell} tell
   */
  constructor(table, tell) {
    this.table = table;
    this.tell = tell;
    this.newest = 0;
    /** What the last film that was asked for is made from, until it is whole: it may be given up, and taken up again. @type {Filming | null} */
    this.filming = null;
    /** The runs that are asked for, one after another. @type {Promise<void>} */
    this.line = Promise.resolve();
  }

  /**
   * Makes the film of a config, looks at it while it grows, and stops once another one is asked for. The one that was
   * given up last is taken up where it stopped.
   * @type {(id: number, fields: Fields) => Promise<void>}
   */
  async film(id, fields) {
    this.newest = id;
    const film = this.#takenUp(Config.from(fields, this.table.parameters));
    let ended = true; // also where it breaks down
    try {
      ended = await inSlices(film.making, () => {}, () => id === this.newest);
    } finally {
      if (ended && this.filming === film) this.filming = null;
    }
  }

  /** @type {(config: Config) => Filming} */
  #takenUp(config) {
    const { digest } = config;
    if (this.filming?.digest === digest) {
      this.filming.growth.goOn();
      return this.filming;
    }
    this.filming = null; // whatever comes of the new one, the memory of the old one is free
    this.#refuseCrowd(config);
    const growth = new Growth(() => performance.now());
    this.filming = { digest, growth, making: this.#making(this.#begun(config, null), growth) };
    return this.filming;
  }

  /**
   * Goes on with a run, and measures what it has recorded after each slice, so that no film waits for long; then makes the
   * last film. It is worked at for the newest question alone, which it tells.
   * @type {(run: Run, growth: Growth) => Generator<void, void, void>}
   */
  *#making(run, growth) {
    const figures = this.table.analysis;
    /** @type {Measured[]} */
    let past = [];
    const film = function* (/** @type {EngineTable} */ table) {
      const trajectory = run.trajectory();
      const analysis = yield* paced(analysing(trajectory, past, figures), SLICE_MS);
      yield;
      return buildFilm(trajectory, analysis, table);
    };
    for (const { share, words } of run.go(SLICE_MS)) {
      yield;
      past = yield* paced(measuring(run.recorded, past, figures), SLICE_MS);
      if (growth.wants(share)) {
        const grown = yield* growth.measured(film(this.table));
        this.tell({ kind: "grown", id: this.newest, film: grown }, [grown]);
      }
      this.tell({ kind: "progress", id: this.newest, share, words: this.#waiting(words, growth.told(share, this.table.words.waits)) });
    }
    const result = yield* film(this.table);
    this.tell({ kind: "done", id: this.newest, result }, [result]);
  }

  /** Gives up the film that is being made; what there is of it is kept until another one is asked for. */
  cancel() {
    this.newest = -1;
    this.filming?.growth.rest();
  }

  /** Runs a config from a start that is given, or its own, once those asked for before are done. @type {(id: number, fields: Fields, start: GivenStart | null) => Promise<void>} */
  run(id, fields, start) {
    const mine = this.line.then(() => this.#run(id, fields, start));
    this.line = mine.catch(() => {});
    return mine;
  }

  /** @type {(id: number, fields: Fields, start: GivenStart | null) => Promise<void>} */
  async #run(id, fields, start) {
    const { config, state } = givenRun(fields, start, this.table);
    const run = this.#begun(config, state);
    const tell = (/** @type {Look} */ { share, words }) => this.tell({ kind: "progress", id, share, words });
    await inSlices(run.go(SLICE_MS), tell, () => true);
    this.tell({ kind: "done", id, result: this.#endOf(run.trajectory()) });
  }

  /** More classes than a film can show. @type {(config: Config) => void} */
  #refuseCrowd({ classes }) {
    const { words: { crowd: { why, least, most, example } }, parameters: { refusals } } = this.table;
    if (classes > most) throw refuse(refusals, "classes", classes, why, spanWords(refusals, least, most), String(example));
  }

  /** @type {(config: Config, start: State | null) => Run} */
  #begun(config, start) {
    refuseTooLarge(config, this.table);
    return new Run(config, start, this.table.words);
  }

  /** How far a run is, and how long the rest takes where that is long. @type {(words: string, wait: string) => string} */
  #waiting(words, wait) {
    return wait ? filled(this.table.words.engine.left, { words, wait }) : words;
  }

  /** The last snapshot of a run, measured; the others are not. @type {(run: Trajectory) => RunEnd} */
  #endOf(run) {
    const last = run.states.length - 1;
    const [state, step, logTime] = [run.states[last], run.step[last], run.logTime[last]];
    const [{ metrics }] = finished(measuring({ config: run.config, states: [state], step: [step], logTime: [logTime] }, [], this.table.analysis));
    const { dimension, sampleCount } = run.config;
    return { W: nested(state.W, dimension), H: nested(state.H, sampleCount), step, log_time: logTime, metrics };
  }
}

// `Run`: drives a run from one recorded state to the next and keeps the snapshots: the steps first, then the flow. As
// `ulpm_core/dynamics/simulate.py`, in slices: between two of them a worker reads its messages.

/** @import { Config } from "./config.js" */
/** @import { FlowRecord } from "./flow/memory.js" */
/** @import { HandOver, Look, Outcome, State, Trajectory } from "./types.d.ts" */
import { FlowRun } from "./flow/gradient_flow.js";
import { Objective } from "./objective.js";
import { Stepping } from "./stepping.js";
import { drawStart } from "./starts.js";
import { filled } from "./film/said.js";
import { grouped, powerOfE } from "./number_words.js";
import { logAddExp, logTimeAfter, recordedSteps } from "./schedule.js";
import { measureHandOver } from "./hand_over.js";

const FIRST_CHUNK = 64;
/** Calls of the kernel in a slice, about: the clock is looked at after each. */
const CHUNKS_A_SLICE = 4;

/** A state of a run, as it is recorded. @typedef {{ step: number, state: State, logTime: number, logLoss: number }} Snapshot */
/** Templates of where a run is: parts of the table's words. @typedef {{ where: Record<string, string>, on_the_way: string }} WhereWords */

export class Run {
  #config;
  #words;
  #objective;
  #labels;
  /** Of a run that takes steps. @type {Stepping | null} */
  #stepping = null;
  /** @type {Snapshot[]} */
  #kept;
  /** @type {FlowRun | null} */
  #flow = null;
  /** @type {HandOver | null} */
  #handOver = null;
  /** @type {Outcome} */
  #outcome = "running";
  #at = 0;

  /** @param {Config} config @param {State | null} start null for the config's own @param {WhereWords} words */
  constructor(config, start, words) {
    const from = start ?? drawStart(config);
    this.#config = config;
    this.#words = words;
    this.#labels = config.labels;
    this.#objective = Objective.of(config);
    if (this.#lastStep) this.#stepping = new Stepping(config, from, this.#objective.divergenceLimit(config, from));
    this.#kept = [this.#snapshot(0, from, -Infinity)];
  }

  /** Ends the run where it is. */
  cancel() {
    if (this.#outcome === "running") this.#outcome = "cancelled";
  }

  /**
   * Runs to the end, to divergence, or until it is cancelled, and says how far it is after about every `sliceMs`
   * milliseconds.
   * @type {(sliceMs: number) => Generator<Look, void, void>}
   */
  *go(sliceMs) {
    if (this.#stepping) yield* this.#takeSteps(this.#stepping, sliceMs);
    if (this.#running && this.#config.flowEnd > this.#last.logTime) yield* this.#followFlow(sliceMs);
    if (this.#running) this.#outcome = "done";
  }

  /** What has been recorded up to now; it shares the states that the run keeps. @type {() => Trajectory} */
  trajectory() {
    const beyond = this.#beyondNumbers;
    const [stepping, between] = [this.#stepping, this.#at > this.#last.step && !beyond];
    const kept = stepping && between ? [...this.#kept, this.#now(stepping)] : this.#kept;
    return {
      ...this.#columns(kept),
      start: kept[0].state,
      labels: this.#labels,
      logLoss: kept.map(({ logLoss }) => logLoss),
      outcome: this.#outcome,
      at: beyond ? this.#at : kept[kept.length - 1].step,
      flowing: this.#flow !== null,
      rest: this.#flow?.memory.atRest ? this.#flow.memory.logTime : null,
      handOver: this.#handOver,
      rightHandSides: this.#flow?.memory.rightHandSides ?? 0,
    };
  }

  /** What is recorded for good, as it is measured. */
  get recorded() {
    return this.#columns(this.#kept);
  }

  /** @type {(kept: Snapshot[]) => Pick<Trajectory, "config" | "states" | "step" | "logTime">} */
  #columns(kept) {
    return {
      config: this.#config,
      states: kept.map(({ state }) => state),
      step: kept.map(({ step }) => step),
      logTime: kept.map(({ logTime }) => logTime),
    };
  }

  /** @type {(stepping: Stepping, sliceMs: number) => Generator<Look, void, void>} */
  *#takeSteps(stepping, sliceMs) {
    let [chunk, begun] = [FIRST_CHUNK, performance.now()];
    for (const target of recordedSteps(this.#config)) {
      while (this.#at < target && !stepping.diverged && this.#running) {
        const before = performance.now();
        const taken = stepping.advance(Math.min(chunk, target - this.#at));
        this.#at += taken;
        const now = performance.now();
        if (now - before >= sliceMs / CHUNKS_A_SLICE) chunk = Math.max(1, chunk >> 1);
        else if (taken === chunk) chunk *= 2; // fewer, to the next snapshot, say nothing of a whole chunk
        if (now - begun < sliceMs) continue;
        yield this.#look(this.#at / this.#config.steps, this.#stepWords());
        begun = performance.now();
      }
      if (this.#at > this.#last.step && !this.#beyondNumbers) this.#kept.push(this.#now(stepping));
      if (stepping.diverged || !this.#running) break;
    }
    if (stepping.diverged && this.#running) this.#outcome = "diverged";
  }

  /** @type {(sliceMs: number) => Generator<Look, void, void>} */
  *#followFlow(sliceMs) {
    const [config, last, end] = [this.#config, this.#last, this.#config.flowEnd];
    if (this.#lastStep) {
      const done = () => this.#look(1, this.#stepWords());
      this.#handOver = yield* this.#inSlices(measureHandOver(config, this.#kept), sliceMs, done);
    }
    if (!this.#running) return;
    const flow = (this.#flow = new FlowRun(config, last.state, last.logTime));
    const onTheWay = () => {
      const { logTime } = flow.memory;
      const share = Math.min(1, Math.sqrt(logAddExp(0, logTime) / logAddExp(0, end)));
      return this.#look(share, filled(this.#words.on_the_way, { t: powerOfE(logTime), end: powerOfE(end) }));
    };
    const reached = yield* this.#inSlices(flow.follow(end), sliceMs, onTheWay);
    if (!reached && this.#running) this.#outcome = "stalled";
  }

  /**
   * Works on to the end, keeps what is to be recorded, and looks up after every slice; null where the run was cancelled.
   * @template Answer
   * @param {Generator<FlowRecord | null, Answer, void>} work
   * @param {number} sliceMs
   * @param {() => Look} look
   * @returns {Generator<Look, Answer | null, void>}
   */
  *#inSlices(work, sliceMs, look) {
    let begun = performance.now();
    for (let now = work.next(); ; now = work.next()) {
      if (now.done) return now.value;
      if (now.value) this.#kept.push(this.#snapshot(this.#lastStep + now.value.step, now.value.state, now.value.logTime));
      if (performance.now() - begun < sliceMs) continue;
      yield look();
      if (!this.#running) return null;
      begun = performance.now();
    }
  }

  /** @type {(share: number, words: string) => Look} */
  #look(share, words) {
    return { share, words, trajectory: () => this.trajectory() };
  }

  #stepWords() {
    return filled(this.#words.where.steps, { step: grouped(this.#at), steps: grouped(this.#config.steps) });
  }

  get #running() {
    return this.#outcome === "running";
  }

  /** The number of steps that the run takes before the flow takes over. */
  get #lastStep() {
    return this.#config.method === "gradient-flow" ? 0 : this.#config.steps;
  }

  get #last() {
    return this.#kept[this.#kept.length - 1];
  }

  /** Whether one step led from finite numbers to inf or NaN: then there is no last state to keep. */
  get #beyondNumbers() {
    if (!this.#stepping?.diverged) return false;
    const { W, H } = this.#stepping.state();
    return !(W.every(Number.isFinite) && H.every(Number.isFinite));
  }

  /** @type {(stepping: Stepping) => Snapshot} */
  #now(stepping) {
    const logTime = logTimeAfter(this.#config, this.#at, stepping.logTime);
    return this.#snapshot(this.#at, stepping.state(), logTime);
  }

  /** @type {(step: number, state: State, logTime: number) => Snapshot} */
  #snapshot(step, state, logTime) {
    return { step, state, logTime, logLoss: this.#objective.logLoss(state) };
  }
}

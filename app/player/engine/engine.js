// The page's side of the engine: asks the worker for films and runs, and starts another one where it broke down.

/** @import { EngineTable } from "./jobs.js" */
/** @import { FromWorker, GivenStart, Growing, RunEnd, ToWorker } from "./messages.d.ts" */
/** @import { Fields } from "./types.d.ts" */
import { filled } from "./film/said.js";
import { Refusal, shownValue } from "./refusal.js";

/** A film that nobody waits for any more, since another one was asked for. */
export class Overtaken extends Error {}

/**
 * @typedef {object} Asked
 * @property {(result: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {Growing} told
 */
/** @typedef {Pick<Worker, "postMessage" | "terminate" | "addEventListener">} Computer */

export class Engine {
  /**
   * @param {string} script the worker's
   * @param {EngineTable} table Python's
   * @param {(script: string) => Computer} start what starts a worker
   */
  constructor(script, table, start = workerOf) {
    this.script = script;
    this.table = table;
    this.start = start;
    /** @type {Map<number, Asked>} */
    this.asked = new Map();
    this.ids = 0;
    this.filming = 0;
    /** @type {Computer | null} */
    this.worker = null;
    this.#begin();
  }

  /**
   * The film of a config: fields as in links. A newer call overtakes the one before, whose promise is refused with
   * `Overtaken`; a config that cannot run is refused with a `Refusal` of its field.
   * @type {(fields: Fields, told?: Growing) => Promise<ArrayBuffer>}
   */
  film(fields, told = {}) {
    this.#overtake();
    this.filming = this.ids + 1;
    return this.#ask(told, (id) => ({ kind: "film", id, fields }));
  }

  /** Gives up the film that is on its way; its promise is refused with `Overtaken`. */
  cancel() {
    this.#overtake();
    this.worker?.postMessage({ kind: "cancel" }, []);
  }

  #overtake() {
    this.asked.get(this.filming)?.reject(new Overtaken());
    this.asked.delete(this.filming);
  }

  /** Runs a config from its own start, or from one that is given. @type {(fields: Fields, start?: GivenStart | null, told?: Growing) => Promise<RunEnd>} */
  run(fields, start = null, told = {}) {
    return this.#ask(told, (id) => ({ kind: "run", id, fields, start }));
  }

  /** @type {(told: Growing, message: (id: number) => ToWorker) => Promise<any>} */
  #ask(told, message) {
    this.ids += 1;
    const id = this.ids;
    return new Promise((resolve, reject) => {
      if (this.worker === null) this.#begin();
      if (this.worker === null) {
        reject(new Error(this.table.words.engine.blocked));
        return;
      }
      try {
        this.worker.postMessage(message(id), []);
        this.asked.set(id, { resolve, reject, told });
      } catch (error) {
        const { words: { engine }, parameters: { example } } = this.table;
        reject(new Refusal("config", filled(engine.unsendable, { why: shownValue(error), example })));
      }
    });
  }

  #begin() {
    try {
      const worker = this.start(this.script);
      let heard = false;
      worker.addEventListener("message", ({ data }) => {
        heard = true;
        this.#hear(data);
      });
      worker.addEventListener("error", ({ message }) => this.#restart(heard, message));
      worker.postMessage({ kind: "table", table: this.table }, []);
      this.worker = worker;
    } catch {
      this.worker = null; // a browser, or a page's policy, that allows none
    }
  }

  /** The worker broke down: all who wait are told, and the next one who asks gets another. @type {(heard: boolean, why: string) => void} */
  #restart(heard, why) {
    this.worker?.terminate();
    this.worker = null;
    const { blocked, crashed } = this.table.words.engine;
    const error = new Error(heard ? filled(crashed, { why }) : blocked);
    for (const { reject } of this.asked.values()) reject(error);
    this.asked.clear();
  }

  /** @type {(message: FromWorker) => void} */
  #hear(message) {
    const asked = this.asked.get(message.id);
    if (!asked) return;
    if (message.kind === "progress") asked.told.progress?.(message.share, message.words);
    else if (message.kind === "grown") asked.told.grown?.(message.film);
    else {
      this.asked.delete(message.id);
      if (message.kind === "done") asked.resolve(message.result);
      else if (message.kind === "refused") asked.reject(new Refusal(message.field, message.message));
      else asked.reject(new Error(filled(this.table.words.engine.crashed, { why: message.message })));
    }
  }
}

/** A worker of a script that is here as text. @type {(script: string) => Computer} */
function workerOf(script) {
  return new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
}

/** Lets scripts run configs: `collapseLab.run(config, {W, H})`, as docs/engine.md says. @type {(engine: Engine) => void} */
export function openLab(engine) {
  const run = (/** @type {Fields} */ fields, /** @type {GivenStart | null} */ start = null) => engine.run(fields, start);
  Object.assign(globalThis, { collapseLab: { run } });
}

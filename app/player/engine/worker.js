// Where the engine computes: the script of a Web Worker. It gets the table first, then what to compute.

/** @import { EngineTable } from "./jobs.js" */
/** @import { FromWorker, ToWorker } from "./messages.d.ts" */
import { Jobs } from "./jobs.js";
import { Refusal } from "./refusal.js";

const page = /** @type {{ postMessage(message: FromWorker, transfer: ArrayBuffer[]): void }} */ (/** @type {unknown} */ (self));
/** Small enough for a moment, long enough that the browser compiles what a film takes. */
const WARM_UP = { steps: 400, per_class: 10 };
/** @type {Jobs | null} */
let jobs = null;

self.addEventListener("message", ({ data }) => hear(data));

/** @type {(message: ToWorker) => void} */
function hear(message) {
  if (message.kind === "table") {
    const table = /** @type {EngineTable} */ (message.table);
    new Jobs(table, () => {}).film(0, WARM_UP);
    jobs = new Jobs(table, (said, films = []) => page.postMessage(said, films));
    return;
  }
  if (jobs === null) throw new Error("the table comes first");
  if (message.kind === "cancel") {
    jobs.cancel();
    return;
  }
  const { id } = message;
  const job = message.kind === "film" ? jobs.film(id, message.fields) : jobs.run(id, message.fields, message.start);
  job.catch((error) => page.postMessage(endedBy(error, id), []));
}

/** @type {(error: unknown, id: number) => FromWorker} */
function endedBy(error, id) {
  if (error instanceof Refusal) return { kind: "refused", id, field: error.field, message: error.message };
  return { kind: "failed", id, message: error instanceof Error ? error.message : String(error) };
}

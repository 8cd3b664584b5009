// Where the engine computes: the script of a Web Worker. It gets the table first, then what to compute.

/** @import { EngineTable } from "./jobs.js" */
/** @import { FromWorker, ToWorker } from "./messages.d.ts" */
import { Jobs } from "./jobs.js";
import { Refusal } from "./refusal.js";
import { WarmUp } from "./warm_up.js";

const page = /** @type {{ postMessage(message: FromWorker, transfer: ArrayBuffer[]): void }} */ (/** @type {unknown} */ (self));
/** @type {{ jobs: Jobs, warmUp: WarmUp } | null} */
let work = null;
/** How many films and runs are under way. */
let asked = 0;

self.addEventListener("message", ({ data }) => hear(data));

/** @type {(message: ToWorker) => void} */
function hear(message) {
  if (message.kind === "table") {
    const table = /** @type {EngineTable} */ (message.table);
    const jobs = new Jobs(table, (said, films = []) => page.postMessage(said, films));
    work = { jobs, warmUp: new WarmUp((tell) => new Jobs(table, tell)) };
    return;
  }
  if (work === null) throw new Error("the table comes first");
  const { jobs, warmUp } = work;
  if (message.kind === "cancel") {
    jobs.cancel();
    return;
  }
  const { id } = message;
  asked += 1;
  warmUp.giveWay();
  const job = message.kind === "film" ? jobs.film(id, message.fields) : jobs.run(id, message.fields, message.start);
  job.catch((error) => page.postMessage(endedBy(error, id), [])).then(() => {
    asked -= 1;
    if (!asked) warmUp.whenIdle();
  });
}

/** @type {(error: unknown, id: number) => FromWorker} */
function endedBy(error, id) {
  if (error instanceof Refusal) return { kind: "refused", id, field: error.field, message: error.message };
  return { kind: "failed", id, message: error instanceof Error ? error.message : String(error) };
}

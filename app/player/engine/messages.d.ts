// What the page and the worker tell each other. Only the type checker reads this file.

import type { Fields } from "./types.d.ts";

/** W (K, d) and H (d, N) as nested rows. */
export interface GivenStart { W: number[][]; H: number[][] }
/** The end of a run, and every metric of its last snapshot. */
export interface RunEnd { W: number[][]; H: number[][]; step: number; log_time: number; metrics: Record<string, number> }

/** To the worker: the table once, before all else; then what to compute. A film takes the place of the one before, which may also be given up. */
export type ToWorker =
  | { kind: "table"; table: object }
  | { kind: "film"; id: number; fields: Fields }
  | { kind: "cancel" }
  | { kind: "run"; id: number; fields: Fields; start: GivenStart | null };

/** From the worker, of the job of this id. */
export type FromWorker =
  | { kind: "progress"; id: number; share: number; words: string }
  | { kind: "grown"; id: number; film: ArrayBuffer }
  | { kind: "done"; id: number; result: ArrayBuffer | RunEnd }
  | { kind: "refused"; id: number; field: string; message: string }
  | { kind: "failed"; id: number; message: string };

/** What a page is told while a film is on its way. */
export interface Growing {
  /** A film of the run so far. */
  grown?: (film: ArrayBuffer) => void;
  /** The share of the run that is done, and how far it is in words. */
  progress?: (share: number, words: string) => void;
}

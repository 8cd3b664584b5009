// Says of a run that was cancelled how far its film goes.

/** @import { Film } from "../player/film.js" */
/** @import { Config, PageTable } from "./types.d.ts" */
import { filled } from "../player/engine/film/said.js";
import { whereWords } from "../player/engine/film/stop_reason.js";

/** @type {(film: Film, config: Config, table: PageTable) => string[]} */
export function cancelledWords({ clock, header }, config, { words }) {
  const flowing = config.method === "gradient-flow" || (header.flow_from !== null && header.flow_from < clock.log_time.length);
  const place = { flowing, step: clock.step.at(-1) ?? 0, steps: config.steps, logTime: clock.log_time.at(-1) ?? 0 };
  const where = whereWords(place, words.where);
  return [filled(words.cancelled, { where }), words.cut_short];
}

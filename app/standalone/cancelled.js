// Says of a run that was cancelled how far its film goes.

/** @import { Film } from "../player/film.js" */
/** @import { Config, PageTable } from "./types.d.ts" */
import { filled } from "../player/engine/film/said.js";
import { grouped, powerOfE } from "../player/engine/number_words.js";

/** @type {(film: Film, config: Config, table: PageTable) => string[]} */
export function cancelledWords({ clock, header }, config, { words }) {
  const place = { step: grouped(clock.step.at(-1) ?? 0), steps: grouped(config.steps), t: powerOfE(clock.log_time.at(-1) ?? 0) };
  const flowing = config.method === "gradient-flow" || (header.flow_from !== null && header.flow_from < clock.log_time.length);
  const where = filled(words.where[flowing ? "flow" : "steps"], place);
  return [filled(words.cancelled, { where }), words.cut_short];
}

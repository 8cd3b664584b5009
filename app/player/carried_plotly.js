// Takes Plotly out of a page that carries it.

/** @import { PlotlyModule } from "./types.d.ts" */
import { damage, painted, runCarried } from "./carried.js";
import { wordsReadFast } from "./plotly.js";

/**
 * The Plotly that this page carries, run once what stands in the page has been painted.
 * @throws {Error} one sentence, where it carries none
 * @type {() => Promise<PlotlyModule>}
 */
export async function carriedPlotly() {
  await painted();
  await wordsReadFast(() => runCarried("plotly"));
  if (!window.Plotly) throw damage("plotly");
  return window.Plotly;
}

// What these pages ask for beside their own script: Plotly, and where a scene has knobs, the engine.

/** @import { PlotlyModule } from "../../player/types.d.ts" */
/** @import { PageTable } from "../../standalone/types.d.ts" */
import { Engine } from "../../player/engine/engine.js";
import { find } from "../../player/parts.js";
import { wholeAnswer } from "./served.js";

/** Plotly, once it is there. @type {() => Promise<PlotlyModule>} */
export function plotlyOfPage() {
  return new Promise((there, failed) => {
    const come = () => (window.Plotly ? there(window.Plotly) : undefined);
    come();
    const script = find(document, "script[data-plotly]");
    script.addEventListener("load", come, { once: true });
    script.addEventListener("error", () => failed(new Error("The library that draws did not arrive: load the page again.")), { once: true });
  });
}

/**
 * What makes films anew in this browser, from addresses below the page's own.
 * @type {(addresses: { up?: string, table?: string, engine?: string }) => Promise<{ table: PageTable, engine: Engine }>}
 */
export async function engineOfPage({ up = "", table: tableAt = "", engine: engineAt = "" }) {
  const [table, script] = await Promise.all([
    wholeAnswer(new URL(`${up}${tableAt}`, location.href)).then((answer) => answer.json()),
    wholeAnswer(new URL(`${up}${engineAt}`, location.href)).then((answer) => answer.text()),
  ]);
  return { table: table.page, engine: new Engine(script, table.engine) };
}

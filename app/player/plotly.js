// Loads Plotly once, for whoever on the page asks first: the player or a figure.

/** @import { PlotlyModule } from "./types.d.ts" */

/** Plotly, loaded once for the whole page. @type {(address: string) => Promise<PlotlyModule>} */
export function loadPlotly(address) {
  window.collapseLabPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI).href;
    const fail = () => {
      window.collapseLabPlotly = undefined;
      reject(new Error("The plotting library did not arrive: reload the page."));
    };
    script.addEventListener("load", () => (window.Plotly ? resolve(window.Plotly) : fail()));
    script.addEventListener("error", fail);
    document.head.append(script);
  });
  return window.collapseLabPlotly;
}

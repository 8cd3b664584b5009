// Loads Plotly once, for whoever on the page asks first: the player or a figure.

/** @import { PlotlyModule } from "./types.d.ts" */

/**
 * Waits until Plotly's script has run, and tells the browser before that its canvas will be read: Plotly draws words there
 * to learn their shapes, and does not say so itself.
 * @type {(run: () => Promise<void>) => Promise<void>}
 */
export async function wordsReadFast(run) {
  const { prototype } = HTMLCanvasElement;
  const usual = prototype.getContext;
  /** @type {(this: HTMLCanvasElement, kind: string, how?: object) => RenderingContext | null} */
  const told = function (kind, how) {
    return usual.call(this, kind, kind === "2d" ? { ...how, willReadFrequently: true } : how);
  };
  Object.assign(prototype, { getContext: told });
  try {
    await run();
  } finally {
    prototype.getContext = usual;
  }
}

/** Plotly, loaded once for the whole page. @type {(address: string) => Promise<PlotlyModule>} */
export function loadPlotly(address) {
  window.collapseLabPlotly ??= window.Plotly ? Promise.resolve(window.Plotly) : arrived(address);
  return window.collapseLabPlotly;
}

/** @type {(address: string) => Promise<PlotlyModule>} */
async function arrived(address) {
  const script = document.createElement("script");
  script.src = new URL(address, document.baseURI).href;
  const ran = new Promise((resolve) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", resolve);
  });
  document.head.append(script);
  await wordsReadFast(() => ran);
  if (window.Plotly) return window.Plotly;
  window.collapseLabPlotly = undefined;
  throw new Error("The plotting library did not arrive: reload the page.");
}

// Plotly, for whoever on the page comes first: the player or a figure.

/** Plotly, loaded once for the whole page. */
export function loadPlotly(address) {
  window.collapseLabPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.collapseLabPlotly = undefined;
      reject(new Error("The plotting library did not arrive: reload the page."));
    };
    document.head.append(script);
  });
  return window.collapseLabPlotly;
}

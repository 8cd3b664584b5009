// Tells when the page may have been painted anew, from light to dark or by another theme.

/** Calls `act` whenever the page may have other colours. @type {(act: () => void, signal: AbortSignal) => void} */
export function onPageColours(act, signal) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act, { signal });
  const painter = new MutationObserver(act);
  painter.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  signal.addEventListener("abort", () => painter.disconnect());
}

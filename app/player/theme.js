// Reads the page's colours and font, for all that is drawn rather than styled.

import { rgbOf } from "./colours.js";
import { make } from "./parts.js";
import { onPageColours } from "./repainted.js";

/** @import { Theme } from "./types.d.ts" */

/** The theme of a page that may change between light and dark. */
export class PageTheme {
  /**
   * @param {Element} root
   * @param {() => void} changed called when the page has other colours
   */
  constructor(root, changed) {
    this.root = root;
    /** @type {Theme | null} */
    this.now = null;
    this.abort = new AbortController();
    onPageColours(() => { if (this.now && this.read()) changed(); }, this.abort.signal);
  }

  /** Reads the page's colours; answers whether they have changed. */
  read() {
    const theme = themeOf(this.root);
    const changed = JSON.stringify(theme) !== JSON.stringify(this.now);
    if (changed) this.now = theme;
    return changed;
  }

  destroy() {
    this.abort.abort();
  }
}

/** The page's colours, as its style sheet has them for light or dark. @type {(root: Element) => Theme} */
function themeOf(root) {
  const style = getComputedStyle(root);
  /** @type {(name: string) => string} */
  const read = (name) => style.getPropertyValue(`--fp-${name}`).trim();
  const probe = make("i", "", root);
  probe.style.forcedColorAdjust = "none"; // or every colour read is that of the text
  probe.style.color = read("ground");
  const groundRgb = rgbOf(getComputedStyle(probe).color);
  const dark = 0.2126 * groundRgb[0] + 0.7152 * groundRgb[1] + 0.0722 * groundRgb[2] < 128;
  /** @type {(name: string) => string} */
  const resolved = (name) => {
    probe.style.color = read(name);
    return getComputedStyle(probe).color;
  };
  const [ground, ink, accent] = ["ground", "ink", "accent"].map(resolved);
  probe.remove();
  return {
    ground, ink, accent, groundRgb, font: style.fontFamily,
    soft: dark ? "#b4bac6" : "#545b69", grey: dark ? "#9aa2b1" : "#767e8c",
    faint: dark ? "#333b48" : "#dcdfe5", alarm: dark ? "#ff8a5c" : "#b3401a",
  };
}

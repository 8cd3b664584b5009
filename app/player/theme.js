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

/** Makes the page light or dark, whatever the machine has; null leaves it to that. @type {(theme: "light" | "dark" | null) => void} */
export function lightPage(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** Whether an element has a dark ground. @type {(root: Element) => boolean} */
export function isDark(root) {
  return isDarkColour(rgbOf(getComputedStyle(root).backgroundColor));
}

/** @type {(rgb: number[]) => boolean} */
export function isDarkColour([red, green, blue]) {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
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
  const dark = isDarkColour(groundRgb);
  /** @type {(name: string) => string} */
  const resolved = (name) => {
    probe.style.color = read(name);
    return getComputedStyle(probe).color;
  };
  const [ground, ink, accent, third, fourth] = ["ground", "ink", "accent", "third", "fourth"].map(resolved);
  const grey = dark ? "#9aa2b1" : "#767e8c";
  probe.remove();
  return {
    ground, ink, accent, grey, films: [grey, accent, third, fourth], groundRgb, font: style.fontFamily,
    soft: dark ? "#b4bac6" : "#545b69",
    faint: dark ? "#333b48" : "#dcdfe5", alarm: dark ? "#ff8a5c" : "#b3401a",
  };
}

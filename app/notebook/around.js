// The notebook around the frame of a film: its height, its light, and what other outputs carry, where it may be looked into.

import { rgbOf } from "../player/colours.js";
import { lightPage, isDarkColour } from "../player/theme.js";

const LATE_STYLES_MS = 1000; // a notebook that turns dark loads styles first

/** @typedef {Window & typeof globalThis & { collapseLab?: Record<string, string> }} Around */

/** The window in which this output stands; null where it is another's. @type {() => Around | null} */
export function pageAround() {
  try {
    return window.parent !== window && window.parent.document ? /** @type {Around} */ (window.parent) : null;
  } catch {
    return null; // a sandbox
  }
}

/** Gives the frame the height of what is in it, and the film the notebook's ground. @type {(root: HTMLElement) => void} */
export function settleInto(root) {
  const around = pageAround(), frame = around && window.frameElement;
  if (!(around && frame instanceof around.HTMLElement)) return;
  const still = frame.previousElementSibling;
  if (still instanceof around.HTMLElement) still.hidden = true;
  new ResizeObserver(() => { frame.style.height = `${Math.ceil(document.body.getBoundingClientRect().height)}px`; }).observe(document.body);
  const relight = () => light(root, groundOf(frame, around));
  const repainted = new around.MutationObserver(() => {
    relight();
    setTimeout(relight, LATE_STYLES_MS);
  });
  for (const page of [around.document.documentElement, around.document.body]) repainted.observe(page, { attributes: true });
  addEventListener("pagehide", () => repainted.disconnect());
  relight();
}

/** The colour on which an element lies. @type {(element: Element, around: Around) => string} */
function groundOf(element, around) {
  for (let each = element.parentElement; each; each = each.parentElement) {
    const colour = around.getComputedStyle(each).backgroundColor;
    if (!/^(transparent|rgba\(.*, 0\))$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
}

/** @type {(root: HTMLElement, ground: string) => void} */
function light(root, ground) {
  lightPage(isDarkColour(rgbOf(ground)) ? "dark" : "light");
  for (const { style } of [document.body, root]) style.setProperty("--st-background-color", ground);
}

// The line over the curves that follows the clock. It is drawn and not an element of its own: one that moves has the
// browser find styles, paint and sort layers anew in every frame.

import { contextOf, make } from "./parts.js";

const HALF_WIDTH = 0.75; // pixels of the page
const OPACITY = 0.7;

export class Cursor {
  /** @param {HTMLElement} host whose upper left corner is that of the curves */
  constructor(host) {
    this.canvas = make("canvas", "fp-cursor", host);
    this.context = contextOf(this.canvas);
    this.ratio = 1;
  }

  /** Takes the size of what it runs over, in pixels of the page, and a colour. @type {(width: number, height: number, colour: string) => void} */
  fit(width, height, colour) {
    const { canvas, context } = this;
    this.ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(width * this.ratio), height: Math.round(height * this.ratio) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(context, { fillStyle: colour, globalAlpha: OPACITY });
  }

  /** Stands so many pixels of the page from the left. @type {(left: number) => void} */
  draw(left) {
    const { canvas: { width, height }, context, ratio } = this;
    const half = Math.round(HALF_WIDTH * ratio);
    context.clearRect(0, 0, width, height);
    context.fillRect(left * ratio - half, 0, 2 * half, height);
  }
}

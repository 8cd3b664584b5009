// Shares fingers with the page: up or down scrolls it, two zoom it, and only a move across is the player's.

import { within } from "./parts.js";

const SLOP = 8; // pixels a finger may tremble before it means a direction

/**
 * Follows a finger that moves across an element: `move(event, dx, dy)` with the pixels since the last call, in any
 * direction once it has begun; `tap(event)` where it lifted without moving. The browser takes the other gestures.
 * @type {(element: HTMLElement, acts: { move: (event: PointerEvent, dx: number, dy: number) => void, tap?: (event: PointerEvent) => void }, signal: AbortSignal) => void}
 */
export function onSwipe(element, { move, tap = () => {} }, signal) {
  element.style.touchAction = "pan-y pinch-zoom";
  /** @type {PointerEvent | null} */
  let from = null, /** @type {PointerEvent | null} */ last = null;
  /** @type {(kind: "pointerdown" | "pointermove" | "pointerup" | "pointercancel", act: (event: PointerEvent) => void) => void} */
  const listen = (kind, act) => element.addEventListener(kind, (event) => event.pointerType === "touch" && act(event), { signal });
  const leave = () => { from = last = null; };
  listen("pointerdown", (event) => {
    leave();
    if (event.isPrimary && !within(event.target, "button, select")) from = event; // a second finger is a pinch
  });
  listen("pointermove", (event) => {
    if (!from || event.pointerId !== from.pointerId) return;
    const across = Math.abs(event.clientX - from.clientX);
    if (!last && across > SLOP && across > Math.abs(event.clientY - from.clientY)) {
      last = from;
      element.setPointerCapture(event.pointerId);
    }
    if (!last) return;
    move(event, event.clientX - last.clientX, event.clientY - last.clientY);
    last = event;
  });
  listen("pointerup", (event) => {
    if (from && !last && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) <= SLOP) tap(event);
    leave();
  });
  listen("pointercancel", leave);
}

/**
 * A finger across a scene turns it, by half a turn for its whole width. Plotly's own listeners would not let the page scroll.
 * @type {(host: HTMLElement, turn: (across: number, up: number) => void, signal: AbortSignal) => void}
 */
export function turnByFinger(host, turn, signal) {
  for (const kind of ["touchstart", "touchmove", "touchend"]) {
    host.addEventListener(kind, (event) => event.stopPropagation(), { signal, capture: true, passive: true });
  }
  /** @type {(pixels: number) => number} */
  const angle = (pixels) => (Math.PI * pixels) / host.clientWidth;
  onSwipe(host, { move: (_, dx, dy) => turn(-angle(dx), angle(dy)) }, signal);
}

// Calls back at each frame of the screen with the time that has passed, or once after the next one.

const LONGEST_S = 1; // between two frames: a tab that was away has not moved
const LONGEST_REST_MS = 150;

export class Ticker {
  /** @param {(seconds: number) => boolean} tick what a frame does after so much time; whether it wants another one */
  constructor(tick) {
    this.tick = tick;
    this.request = 0;
    /** @type {number | undefined} */
    this.last = undefined;
    /** Ends a rest. @type {ReturnType<typeof setTimeout> | undefined} */
    this.waking = undefined;
  }

  /** Asks for the next frame, and for those after it while anything moves. */
  start() {
    this.stop();
    this.forget();
    /** @type {(now: number) => void} */
    const frame = (now) => {
      const seconds = Math.min(LONGEST_S, (now - (this.last ?? now)) / 1000);
      this.last = now;
      if (this.tick(seconds)) this.request = requestAnimationFrame(frame);
    };
    this.request = requestAnimationFrame(frame);
  }

  stop() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.waking);
    this.waking = undefined;
  }

  /**
   * Asks for no frame until something starts it, for a moment at most: while another film is made, frames of the old one
   * that wait for the screen are what the new one would have to wait for.
   */
  rest() {
    if (this.waking !== undefined) return;
    this.stop();
    this.waking = setTimeout(() => this.start(), LONGEST_REST_MS);
  }

  /** Counts time from the next frame on. */
  forget() {
    this.last = undefined;
  }
}

/** Acts once the next frame is on the screen; what comes back calls that off. @type {(act: () => void) => () => void} */
export function afterFrame(act) {
  let timer = 0;
  const request = requestAnimationFrame(() => { timer = window.setTimeout(act); });
  return () => {
    cancelAnimationFrame(request);
    clearTimeout(timer);
  };
}

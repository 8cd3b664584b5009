// Counts how often the graphics card has dropped a picture: one that keeps doing so is left alone.

const MOST = 3;
const WITHIN_MS = 60_000;

export class Losses {
  constructor() {
    /** @type {number[]} */
    this.times = [];
  }

  /** Counts one more; answers whether there have been too many of late. */
  add() {
    const now = performance.now();
    this.times = [...this.times.filter((then) => now - then < WITHIN_MS), now];
    return this.times.length > MOST;
  }
}

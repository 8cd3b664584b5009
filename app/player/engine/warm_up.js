// A run that nobody sees, while the worker has nothing to do: so that the browser has compiled what a turned knob needs.

/** Longer than a page takes to ask for its first film, which is then the better warm-up. */
const IDLE_MS = 200;
/** The sizes of most runs, whose kernels others find compiled; steps, then the flow, measured and laid out. */
const WARM_UP = { steps: 3000, fast_forward: 1000 };

/** Begins once the worker is idle, gives way to what is asked for, and begins again until it is done. */
export class WarmUp {
  /** @param {(tell: (said: { kind: string }) => void) => import("./jobs.js").Jobs} jobsThat makes jobs of its own, by what hears of them */
  constructor(jobsThat) {
    this.done = false;
    this.jobs = jobsThat(({ kind }) => {
      if (kind === "done") this.done = true;
    });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.whenIdle();
  }

  /** The worker has nothing to do now. */
  whenIdle() {
    clearTimeout(this.timer);
    if (!this.done) this.timer = setTimeout(() => this.jobs.film(0, WARM_UP), IDLE_MS);
  }

  /** The worker has something to do. */
  giveWay() {
    clearTimeout(this.timer);
    this.jobs.cancel();
  }
}

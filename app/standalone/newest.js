// The newest of things that may come faster than they can be shown.

/** Shows the newest only, once all that has come by then is heard: a slow page never works through what is old. @template Thing */
export class Newest {
  /** @param {(thing: Thing) => void} show */
  constructor(show) {
    this.show = show;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @type {(thing: Thing) => void} */
  put(thing) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(thing)); // behind the messages that wait already
  }

  /** What is not shown yet never is. */
  drop() {
    clearTimeout(this.timer);
  }
}

// Decides when a film of a run so far is worth its making.

import { grouped } from "./number_words.js";
import { filled } from "./film/said.js";

/** A person who turned a knob sees the run move within a tenth of a second. */
const FIRST_MS = 8;
/** A film that comes this much before the last one is not missed. */
const SOON_MS = 15;
const LATER_MS = 150;
/** A film is not made for its own sake: between two of them the run gets so many times the time that the last one took. */
const RUN_SHARE = 3;
/** A wait of more seconds than this is told. */
const TOLD_FROM = 3;

/** @typedef {[seconds: number, words: string]} Wait a unit of time, and how a wait of so many is said */

/** When the films of one run were made, and how long they took. */
export class Growth {
  /** @param {() => number} clock in milliseconds */
  constructor(clock) {
    this.clock = clock;
    /** For how long the run has rested, and since when it does. */
    this.rested = 0;
    this.restsSince = NaN;
    this.begun = clock();
    /** When the last film was made, and how long it took. */
    this.made = NaN;
    this.cost = 0;
  }

  /** The time that the run has had so far, and before it. */
  now() {
    return this.clock() - this.rested;
  }

  /** The run is given up, perhaps for a while. */
  rest() {
    this.restsSince = this.now();
  }

  goOn() {
    if (!Number.isNaN(this.restsSince)) this.rested += this.now() - this.restsSince;
    this.restsSince = NaN;
  }

  /** Whether to make a film, at this share of the run. @type {(share: number) => boolean} */
  wants(share) {
    const now = this.now();
    if (this.secondsLeft(share) * 1000 < 2 * this.cost + SOON_MS) return false; // the last one comes as soon
    if (Number.isNaN(this.made)) return now - this.begun >= FIRST_MS;
    return now - this.made >= Math.max(LATER_MS, RUN_SHARE * this.cost);
  }

  /**
   * Makes a film, and measures how long that takes, pauses and all.
   * @template Film
   * @param {Generator<void, Film, void>} making
   * @returns {Generator<void, Film, void>}
   */
  *measured(making) {
    const before = this.now();
    const made = yield* making;
    this.made = this.now();
    this.cost = this.made - before;
    return made;
  }

  /** Seconds that the rest of a run takes at the pace so far. @type {(share: number) => number} */
  secondsLeft(share) {
    return share > 0 ? ((this.now() - this.begun) / 1000) * (1 / share - 1) : Infinity;
  }

  /** The rest of a run as a person is told it; nothing for a wait that is none. @type {(share: number, waits: Wait[]) => string} */
  told(share, waits) {
    const left = this.secondsLeft(share);
    return left >= TOLD_FROM && left < Infinity ? waitWords(left, waits) : "";
  }
}

/** A wait in the largest unit of which it has two, in figures that do not pretend. @type {(seconds: number, waits: Wait[]) => string} */
function waitWords(seconds, waits) {
  const [unit, words] = waits.findLast(([size]) => seconds >= 2 * size) ?? waits[0];
  const count = seconds / unit;
  const scale = 10 ** Math.floor(Math.log10(count));
  return filled(words, { count: grouped(count < 10 ? Math.round(count) : Math.round((2 * count) / scale) * (scale / 2)) });
}

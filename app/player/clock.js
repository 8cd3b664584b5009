// The film's clock: where the playhead is and how it moves. It follows real time: late frames are dropped, not delayed.

const FRAMES_A_SECOND = 24;
const SHORTEST_SECONDS = 4;
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];

export class Clock {
  constructor() {
    this.position = 0;
    this.frames = 1;
    this.playing = false;
  }

  get frame() {
    return Math.min(this.frames - 1, Math.floor(this.position + 1e-9));
  }

  /** Frames a second at speed 1; a run of ten frames can be seen too. */
  get pace() {
    return Math.min(FRAMES_A_SECOND, (this.frames - 1) / SHORTEST_SECONDS);
  }

  /** The seconds of film before the playhead. */
  get seconds() {
    return this.position / (this.pace || 1);
  }

  get atEnd() {
    return this.frame >= this.frames - 1;
  }

  play() {
    if (this.atEnd) this.position = 0;
    this.playing = this.frames > 1;
  }

  /** Goes to a frame and stays there. @type {(frame: number) => void} */
  seek(frame) {
    this.playing = false;
    this.position = Math.min(this.frames - 1, Math.max(0, frame));
  }

  /** Lets `seconds` of real time pass. @type {(seconds: number, settings: { speed: number, loop: boolean }) => void} */
  advance(seconds, { speed, loop }) {
    this.position += seconds * this.pace * speed;
    if (this.position < this.frames - 1) return;
    if (loop) this.position %= Math.max(1, this.frames - 1);
    else this.seek(this.frames - 1);
  }

  /**
   * A new film arrives. Playhead (as a share of the film) and play or pause stay; after one that had been watched to its
   * end it starts again, unless it is the same run grown (`growing`): that stays at its end. A run of `another` kind
   * begins at its start.
   * @type {(frames: number, film: { another?: boolean, growing?: boolean, restart?: boolean }) => void}
   */
  take(frames, { another, growing, restart }) {
    const ended = this.atEnd && this.frames > 1;
    const share = this.frames > 1 ? this.position / (this.frames - 1) : 0;
    this.frames = frames;
    if (another) {
      this.position = 0;
      this.playing = frames > 1 && (this.playing || (ended && Boolean(restart)));
    } else if (growing && ended) {
      this.position = frames - 1;
    } else if (ended && restart) {
      this.position = 0;
      this.playing = frames > 1;
    } else {
      this.position = share * (frames - 1);
    }
  }
}

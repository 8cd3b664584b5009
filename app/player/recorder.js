// Records the film on stage as a video, in the browser: every frame once, at the player's usual speed, then the last one for a while.

/** @import { FilmPlayer } from "./player.js" */
import { contextOf, iconButton, make, setIcon } from "./parts.js";
import { FILM_LETTERS } from "./pens.js";
import { saveFile } from "./saving.js";
import { NO_HANDS, Sketch } from "./sketch.js";

/** What browsers record, best first. @type {[string, string][]} */
const RECORDED = [["video/webm;codecs=vp9", "webm"], ["video/webm;codecs=vp8", "webm"], ["video/mp4", "mp4"]];
const RECORD = "Record the film as a video";
const LEAST_WIDTH = 1280; // pixels of the video
const BITS_A_SECOND = 8_000_000;
const REST_MS = 2000;
const [ABOVE, BELOW, ASIDE] = [36, 40, 16]; // pixels of the page

/** What is said where there is no button. */
export const NO_RECORDER = "This browser records no video; python -m app film makes one.";

/** How this browser records, and the ending of such files; null where it does not. @type {() => [string, string] | null} */
export function recordedKind() {
  if (typeof MediaRecorder === "undefined" || !("captureStream" in HTMLCanvasElement.prototype)) return null;
  return RECORDED.find(([kind]) => MediaRecorder.isTypeSupported(kind)) ?? null;
}

export class Recorder {
  /** @param {FilmPlayer} player @param {HTMLElement} tools where its button stands, if this browser records */
  constructor(player, tools) {
    this.player = player;
    this.kind = recordedKind();
    this.recording = false;
    this.button = this.kind && iconButton(tools, "record", RECORD, "", () => this.#press());
  }

  /** Says what the button does now. @type {(icon: "record" | "stop", label: string) => void} */
  #mark(icon, label) {
    if (!this.button) return;
    setIcon(this.button, icon, label, "");
    this.button.classList.toggle("fp-recording", icon === "stop");
  }

  #press() {
    if (this.recording) this.recording = false; // what there is so far is kept
    else this.#record().catch((error) => this.player.say(`The film could not be recorded: ${error.message}`));
  }

  async #record() {
    const { player, player: { clock, shown, abort: { signal } }, kind } = this;
    if (!kind || !shown || !player.stage.picture) return;
    const reel = new Reel(player);
    const recorder = new MediaRecorder(reel.stream, { mimeType: kind[0], videoBitsPerSecond: BITS_A_SECOND });
    /** @type {Blob[]} */
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const stopped = new Promise((done) => { recorder.addEventListener("stop", done, { once: true }); });
    const wait = () => {
      if (document.hidden) recorder.pause(); // a tab in the back has no frames
      else recorder.resume();
    };
    document.addEventListener("visibilitychange", wait);
    this.recording = true;
    this.#mark("stop", "Stop recording, and keep what there is");
    try {
      recorder.start();
      const { frames } = clock, step = 1000 / (clock.pace || 1);
      for (let frame = 0; frame < frames && this.recording && !signal.aborted && player.shown === shown; frame += 1) {
        player.seek(frame);
        reel.draw();
        await waited(frame < frames - 1 ? step : REST_MS); // oxlint-disable-line no-await-in-loop
      }
    } finally {
      this.recording = false;
      document.removeEventListener("visibilitychange", wait);
      reel.draw(); // a browser ends a frame where the next one begins
      recorder.stop();
      await stopped;
      reel.destroy();
      this.#mark("record", RECORD);
    }
    if (!signal.aborted) saveFile(new Blob(parts, { type: kind[0] }), `collapse-${shown.lead.digest.slice(0, 8)}.${kind[1]}`);
  }
}

/** The stage on a canvas, with title, moment and progress. */
class Reel {
  /** @param {FilmPlayer} player */
  constructor(player) {
    const { width, height } = player.stage.size;
    this.player = player;
    this.ratio = Math.max(window.devicePixelRatio || 1, LEAST_WIDTH / width);
    this.host = make("div", "fp-reel", player.stage.host);
    this.sketch = new Sketch(this.host, NO_HANDS, this.ratio);
    this.canvas = make("canvas");
    this.size = { width, height: height + ABOVE + BELOW };
    Object.assign(this.canvas, { width: even(this.ratio * width), height: even(this.ratio * this.size.height) });
    this.context = contextOf(this.canvas);
    this.draw();
    this.stream = this.canvas.captureStream();
  }

  draw() {
    const { player: { stage, shown, clock, theme: { now: theme } }, context, sketch, ratio, size: { width, height } } = this;
    if (!shown || !theme) return;
    const { films: [first], names, lead } = shown;
    stage.drawWith(sketch);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = theme.ground;
    context.fillRect(0, 0, width + 1, height + 1);
    context.drawImage(sketch.canvas, 0, ABOVE, width, height - ABOVE - BELOW);
    context.textBaseline = "middle";
    context.fillStyle = theme.ink;
    context.font = `600 17px ${theme.font}`;
    context.fillText(names.length > 1 ? "" : first.header.title, ASIDE, ABOVE / 2);
    stage.sides.forEach(({ cell: { x, y, width: across } }, i) => {
      if (names.length > 1) context.fillText(`${FILM_LETTERS[i]} ${names[i]}`, x + ASIDE, y + ABOVE / 2, across - ASIDE);
    });
    context.font = `600 14px ${theme.font}`;
    context.fillText(lead.moment(clock.frame), ASIDE, height - BELOW / 2);
    const from = width / 2, whole = width - from - ASIDE;
    for (const [share, colour] of /** @type {[number, string][]} */ ([[1, theme.faint], [clock.frame / Math.max(1, clock.frames - 1), theme.accent]])) {
      context.fillStyle = colour;
      context.fillRect(from, height - BELOW / 2 - 2, share * whole, 4);
    }
  }

  destroy() {
    for (const track of this.stream.getTracks()) track.stop();
    this.sketch.destroy();
    this.host.remove();
  }
}

/** @type {(size: number) => number} */
function even(size) {
  return 2 * Math.round(size / 2);
}

/** @type {(milliseconds: number) => Promise<void>} */
function waited(milliseconds) {
  return new Promise((done) => { setTimeout(done, milliseconds); });
}

// Everyone's start as one picture: the margin of each run on its way, the student's own in front of the others.

/** @import { OwnStart } from "./own_start.js" */
/** @import { RoomState, StartLines } from "./types.d.ts" */
import { make } from "../../player/parts.js";
import { wholeAnswer } from "./served.js";

const SVG_SPACE = "http://www.w3.org/2000/svg";
const [LEAST_ACROSS_PX, DOWN_SHARE, DOWN_OF_WINDOW] = [300, 0.6, 0.62];
const [LETTERS_ACROSS, LEAST_LETTER_PX] = [56, 13]; // of the picture
const AROUND = 0.6; // of a letter, around what is drawn
/** A final margin above this counts as arrived, as on the lab's own screen of many starts. */
const ARRIVED_ABOVE = 0.9;
const FOOT_MARGIN = -0.1;
const TOP_MARGIN = 1.02;

/** The place on a page where they stand while the teacher shows them. */
export class StartsBox {
  /**
   * @param {HTMLElement} box
   * @param {URL} room
   * @param {((box: HTMLElement) => OwnStart | null)} offering makes what plays a student's own start
   */
  constructor(box, room, offering = () => null) {
    this.box = box;
    this.offering = offering;
    /** @type {OwnStart | null} */
    this.own = null;
    this.address = new URL(`${room.href}/starts`);
    this.scene = -1;
  }

  /** Shows or hides them, as the room does. @type {(state: RoomState, own: number | null) => Promise<void>} */
  async hear({ starts, scene }, own) {
    const { box } = this;
    const wanted = starts ? scene : -1;
    if (wanted === this.scene) return;
    this.scene = wanted;
    this.own?.leave();
    this.own = null;
    box.hidden = wanted < 0;
    if (box.hidden) return;
    box.textContent = "Everyone's start is being followed…";
    try {
      const lines = await (await wholeAnswer(this.address)).json();
      if (this.scene !== wanted) return;
      drawStarts(box, lines, own);
      if (own === null || !lines.config) return;
      this.own = this.offering(box);
      this.own?.offer(lines.config, own);
    } catch (error) {
      box.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}

/**
 * Draws the starts into `box`; `own` is the number of the student who looks, null on a teacher's screen.
 * @type {(box: HTMLElement, lines: StartLines, own: number | null) => void}
 */
export function drawStarts(box, { log_time: times, gamma, seeds, words }, own) {
  box.replaceChildren();
  make("h2", "", box, own === null ? "Everyone's start" : `Everyone's start, and yours: seed ${own}`);
  const wide = Math.max(LEAST_ACROSS_PX, box.clientWidth), high = Math.min(DOWN_SHARE * wide, Math.max(DOWN_SHARE * LEAST_ACROSS_PX, DOWN_OF_WINDOW * innerHeight));
  const em = Math.max(LEAST_LETTER_PX, Math.min(wide, high / DOWN_SHARE) / LETTERS_ACROSS);
  const [left, right, top, bottom] = [3 * em, wide - AROUND * em, AROUND * em, high - 2 * em];
  box.style.setProperty("--room-letter", `${em}px`);
  const picture = box.appendChild(drawn("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img" }));
  const across = times.map((t) => Math.log1p(t === null ? 0 : Math.log1p(Math.exp(-Math.abs(t))) + Math.max(t, 0)));
  const last = across[across.length - 1];
  const x = (/** @type {number} */ at) => left + (at / last) * (right - left);
  const y = (/** @type {number} */ value) => top + ((TOP_MARGIN - value) / (TOP_MARGIN - FOOT_MARGIN)) * (bottom - top);
  for (const value of [0, 0.5, 1]) {
    picture.append(drawn("line", { class: "room-axis", x1: left, x2: right, y1: y(value), y2: y(value) }), lettered(left - AROUND * em, y(value) + em / 3, String(value), "end"));
  }
  picture.append(lettered(left, high - AROUND * em, "start", "start"), lettered(right, high - AROUND * em, `log t = ${times[times.length - 1]}`, "end"));
  picture.append(lettered(0, (y(0.5) + y(1)) / 2, "γ", "start"));
  const order = [...gamma.keys()].sort((a, b) => Number(seeds[a] === own) - Number(seeds[b] === own));
  for (const run of order) {
    const values = gamma[run];
    const arrived = (values[values.length - 1] ?? FOOT_MARGIN) > ARRIVED_ABOVE;
    const kind = `room-start${arrived ? "" : " room-start-caught"}${seeds[run] === own ? " room-start-own" : ""}`;
    const path = drawn("path", { class: kind, d: pathOf(values, across, x, y), "data-seed": seeds[run] });
    path.append(drawn("title", {}));
    if (path.firstChild) path.firstChild.textContent = `seed ${seeds[run]}`;
    picture.append(path);
  }
  picture.setAttribute("aria-label", words);
  make("p", "", box, words);
}

/** @type {(values: (number | null)[], across: number[], x: (at: number) => number, y: (value: number) => number) => string} */
function pathOf(values, across, x, y) {
  let pen = "M";
  return values.map((value, i) => {
    const to = value === null ? "" : `${pen}${x(across[i]).toFixed(1)} ${y(Math.max(value, FOOT_MARGIN)).toFixed(1)}`;
    pen = value === null ? "M" : "L";
    return to;
  }).join("");
}

/** @type {(tag: string, has: Record<string, string | number>) => Element} */
function drawn(tag, has) {
  const element = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(has)) element.setAttribute(name, String(value));
  return element;
}

/** @type {(x: number, y: number, words: string, anchor: string) => Element} */
function lettered(x, y, words, anchor) {
  const text = drawn("text", { x, y, "text-anchor": anchor });
  text.textContent = words;
  return text;
}

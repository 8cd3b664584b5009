// What questions answered by drawing and placing share: a board on which a person predicts, and over which the run then moves.

/** @import { Answer, QuestionContext, Verdict } from "./types.d.ts" */
import { make, onResize, wordButton } from "../player/parts.js";

/** @typedef {{ board: string, surface: string, hand: string, keys: string }} PredictionLook classes of two elements, and what a hand and keys do */

export class Prediction {
  /**
   * @param {HTMLElement} box
   * @param {QuestionContext} context
   * @param {PredictionLook} look
   */
  constructor(box, { until, changed }, { board, surface, hand, keys }) {
    this.changed = changed;
    /** The frame that the run shows. */
    this.frame = until;
    this.root = make("div", "tp-prediction", box);
    this.board = make("div", board, this.root);
    this.picture = svgIn(this.board);
    /** What a hand moves. */
    this.surface = make("div", surface, this.board);
    this.help = helpIn(this.root, hand, keys);
    this.anew = wordButton(this.root, "tour-button tp-anew", "Begin anew", () => this.begin());
    this.said = make("p", "tp-said", this.root);
    this.said.setAttribute("role", "status");
    /** What was answered before, until it is changed. @type {Answer | null} */
    this.before = null;
    this.isLocked = false;
    this.abort = new AbortController();
    this.observer = onResize(this.board, () => this.fit());
  }

  /** Takes back what was predicted. @abstract */
  begin() {}

  /** Draws what is predicted, and the run as far as it is shown. @abstract */
  draw() {}

  /** Lays the picture out for the width that it has. */
  fit() {
    this.draw();
  }

  lock() {
    this.isLocked = true;
    for (const each of [this.surface, this.help, this.anew]) each.hidden = true;
    this.draw();
  }

  /** The run moves as the film goes on, and what is said waits for it. @returns {Verdict} */
  tell() {
    return { right: null, words: "" };
  }

  /** @param {number} frame */
  follow(frame) {
    this.frame = frame;
    if (this.isLocked) this.draw();
  }

  destroy() {
    this.abort.abort();
    this.observer.disconnect();
    this.root.remove();
  }
}

/** A picture inside an element, which screen readers pass over: what it shows is said in words. @type {(host: Element) => SVGSVGElement} */
function svgIn(host) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("width", "100%");
  picture.setAttribute("aria-hidden", "true");
  host.append(picture);
  return picture;
}

/** What a hand does, and where there may be keys, what they do. @type {(host: Element, hand: string, keys: string) => HTMLElement} */
function helpIn(host, hand, keys) {
  const help = make("p", "tp-help", host, `${hand} `);
  make("span", "tp-keys", help, keys);
  return help;
}

/** Whether a value, which may come from anywhere, is a list of so many points. @type {(value: unknown, least: number, most: number) => value is number[][]} */
export function isPoints(value, least, most) {
  return Array.isArray(value) && value.length >= least && value.length <= most
    && value.every((point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite));
}

/** Says why a question cannot be asked. @type {(place: Element, why: unknown) => void} */
export function sayWhy(place, why) {
  place.textContent = why instanceof Error ? why.message : String(why);
}

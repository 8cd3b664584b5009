// The question that is answered by a sketch: how the curve of the run goes on, drawn by hand or by keys over its empty panel.
// Then the run draws over the sketch.

/** @import { CurvePanel } from "./curve_panel.js" */
/** @import { Heights } from "./freehand.js" */
/** @import { Part } from "../player/drawing.js" */
/** @import { Box } from "./pictures.js" */
/** @import { Answer, AskedQuestion, QuestionContext, QuestionData, QuestionKind } from "./types.d.ts" */
import { figure } from "../player/numbers.js";
import { writeWords } from "../player/parts.js";
import { acrossOf, axesParts, clipped, curvePanel, frameAcross, runPath, valueUp } from "./curve_panel.js";
import { acrossColumn, answerOf, columnAt, COLUMNS, emptySketch, KNOT, reached, sketchOf, withKnot, withStroke } from "./freehand.js";
import { drawParts, part, wordsAt } from "../player/drawing.js";
import { isPoints, Prediction, sayWhy } from "./predicting.js";
import { sketchWords } from "./sketch_words.js";
import { sketchPath } from "./sketches.js";

const SKETCH_LETTER = 13; // pixels
const [LOWEST_SKETCH, HIGHEST_SKETCH, SKETCH_SHARE] = [190, 300, 0.62]; // pixels that a panel is high, and of its width
const MOST_POINTS = 256; // of an answer in a room
const [STEP, LEAP] = [0.025, 0.125]; // of the panel's height, by a key
const EDGE = 1.5; // columns: whoever stops so near to the right edge means it
const KNOTS = (COLUMNS - 1) / KNOT;

/** @type {QuestionKind} */
export const DRAW = {
  build: (box, question, context) => new Sketching(box, question, context),
  takes: (answer) => isPoints(answer, 1, MOST_POINTS),
};

/** @implements {AskedQuestion} */
class Sketching extends Prediction {
  /**
   * @param {HTMLElement} box
   * @param {QuestionData} question
   * @param {QuestionContext} context
   */
  constructor(box, { curve }, context) {
    super(box, context, {
      board: "tp-board", surface: "tp-pad", hand: "Draw with a finger or the mouse, up to the right edge.", keys: "By keys: left and right choose a moment, up and down the height, with Shift faster.",
    });
    const { film, until, ends } = context;
    /** @type {CurvePanel | null} */
    this.panel = null;
    /** @type {Heights} */
    this.heights = [];
    this.knot = 1;
    this.#listen(this.abort.signal);
    film?.then((whole) => this.#take(curvePanel(whole, curve ?? "", until, ends))).catch((why) => sayWhy(this.said, why));
  }

  /** @returns {Answer | null} */
  get answer() {
    return this.before ?? (this.panel && answerOf(this.panel, this.heights));
  }

  /** @param {Answer} answer */
  put(answer) {
    this.before = answer;
    if (!this.panel) return;
    this.heights = sketchOf(this.panel, /** @type {number[][]} */ (answer));
    this.fit();
  }

  /** @param {CurvePanel} panel */
  #take(panel) {
    this.panel = panel;
    this.heights = this.before ? sketchOf(panel, /** @type {number[][]} */ (this.before)) : emptySketch(panel);
    this.surface.tabIndex = 0;
    this.surface.setAttribute("role", "slider");
    this.surface.setAttribute("aria-orientation", "vertical");
    this.surface.setAttribute("aria-valuemin", "0");
    this.surface.setAttribute("aria-valuemax", "100");
    this.surface.setAttribute("aria-label", `Sketch of ${panel.title}: left and right choose a moment, up and down the height`);
    this.fit();
    this.changed();
  }

  begin() {
    if (!this.panel) return;
    this.knot = 1;
    this.#change(emptySketch(this.panel));
  }

  /** @param {Heights} heights */
  #change(heights) {
    this.before = null;
    this.heights = heights;
    this.draw();
    this.changed();
  }

  /** Where the curve stands in the picture. @returns {Box} */
  get place() {
    const width = this.board.clientWidth, height = Math.min(HIGHEST_SKETCH, Math.max(LOWEST_SKETCH, SKETCH_SHARE * width));
    return { left: 3.6 * SKETCH_LETTER, top: 1.7 * SKETCH_LETTER, width: Math.max(1, width - 4.2 * SKETCH_LETTER), height: height - 4.3 * SKETCH_LETTER };
  }

  /** Lays the picture out for the width that it has. */
  fit() {
    const { panel, surface: pad, picture, place: { left, top, width, height } } = this;
    if (!panel || !this.board.clientWidth) return;
    picture.setAttribute("height", String(top + height + 2.6 * SKETCH_LETTER));
    const start = (acrossOf(panel, panel.from) ?? 0) * width;
    Object.assign(pad.style, { left: `${left + start}px`, top: `${top}px`, width: `${width - start}px`, height: `${height}px` });
    this.draw();
  }

  draw() {
    const { panel, place, heights, frame, isLocked } = this;
    if (!panel || !this.board.clientWidth) return;
    const isEmpty = !reached(heights);
    const run = runPath(panel, place, isLocked ? Math.max(panel.from, frame) : panel.from);
    const sketch = isEmpty ? [] : [part("path", { class: "tp-sketch tp-own", d: sketchPath(panel, place, heights) })];
    const lines = [...sketch, part("path", { class: "tp-run-halo", d: run }), part("path", { class: "tp-run", d: run })];
    drawParts(this.picture, [
      wordsAt(0, SKETCH_LETTER, panel.title, { class: "tp-strong" }), ...axesParts(panel, place, SKETCH_LETTER), clipped(place, lines), ...(isLocked ? [] : this.#handle(panel, place, isEmpty)),
    ]);
    this.anew.disabled = isEmpty;
    this.#tellKnot(panel);
    const { answer } = this;
    if (isLocked && answer && frame >= panel.to) writeWords(this.said, sketchWords(panel, sketchOf(panel, /** @type {number[][]} */ (answer))));
  }

  /** The knot that keys move, and where to begin. @type {(panel: CurvePanel, place: Box, isEmpty: boolean) => Part[]} */
  #handle(panel, { left, top, width, height }, isEmpty) {
    const column = this.knot * KNOT;
    const spot = [left + acrossColumn(panel, column) * width, top + (1 - this.#heightAt(column)) * height];
    const middle = left + acrossColumn(panel, COLUMNS / 2) * width;
    return [
      ...(isEmpty ? [wordsAt(middle, top + 0.9 * height, "sketch here", { class: "tp-hint", "text-anchor": "middle" })] : []),
      part("circle", { class: "tp-knot", cx: spot[0], cy: spot[1], r: 7 }),
    ];
  }

  /** How high the sketch is at a column, or where it would go on. @type {(column: number) => number} */
  #heightAt(column) {
    return this.heights[column] ?? this.heights.slice(0, column).findLast((height) => height !== null) ?? 0.5;
  }

  /** @param {CurvePanel} panel */
  #tellKnot(panel) {
    const column = this.knot * KNOT, height = this.#heightAt(column);
    const moment = panel.film.moment(Math.round(frameAcross(panel, acrossColumn(panel, column))));
    const isDrawn = (this.heights[column] ?? null) !== null;
    this.surface.setAttribute("aria-valuenow", String(Math.round(100 * height)));
    this.surface.setAttribute("aria-valuetext", `${moment}: ${isDrawn ? figure(valueUp(panel, height)) : "nothing sketched"}`);
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    /** @type {number[] | null} */
    let last = null;
    /** @type {(event: PointerEvent) => void} */
    const stroke = (event) => {
      if (!this.panel) return;
      const box = this.board.getBoundingClientRect(), { left, top, width, height } = this.place;
      const here = [columnAt(this.panel, (event.clientX - box.left - left) / width), 1 - (event.clientY - box.top - top) / height];
      if (here[0] > COLUMNS - 1 - EDGE) here[0] = COLUMNS - 1;
      this.#change(withStroke(this.heights, last ?? here, here));
      last = here;
    };
    this.surface.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      this.surface.setPointerCapture(event.pointerId);
      last = null;
      stroke(event);
    }, { signal });
    this.surface.addEventListener("pointermove", (event) => { if (this.surface.hasPointerCapture(event.pointerId)) stroke(event); }, { signal });
    this.surface.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.#key(event.key, event.shiftKey)) return;
      event.preventDefault();
    }, { signal });
  }

  /** Does what a key says; whether it said anything. Page keys are a clicker's. @type {(key: string, isFar: boolean) => boolean} */
  #key(key, isFar) {
    const by = isFar ? LEAP : STEP;
    const up = { ArrowUp: by, ArrowDown: -by }[key];
    const to = { ArrowLeft: this.knot - 1, ArrowRight: this.knot + 1, Home: 1, End: KNOTS }[key];
    if (up !== undefined) {
      this.#change(withKnot(this.heights, this.knot, this.#heightAt(this.knot * KNOT) + up));
    } else if (to !== undefined) {
      this.knot = Math.min(KNOTS, Math.max(1, to));
      this.draw();
    } else if (key === "Delete" || key === "Backspace") {
      this.begin();
    } else {
      return false;
    }
    return true;
  }
}

// The question that is answered by placing: the class means of a film in the plane are dragged, or moved by keys, to where
// they will end. Then the run moves its own there.

/** @import { Film } from "../player/film.js" */
/** @import { Vector } from "../player/types.d.ts" */
/** @import { Part } from "../player/drawing.js" */
/** @import { Box } from "./pictures.js" */
/** @import { Answer, AskedQuestion, QuestionContext, QuestionData, QuestionKind } from "./types.d.ts" */
import { figure } from "../player/numbers.js";
import { make, writeWords } from "../player/parts.js";
import { drawParts, part, rounded } from "../player/drawing.js";
import { placementWords } from "./placement_words.js";
import { markPart, meanParts, meansAt, planeParts, REACH_OF_PLANE, spotIn } from "./placements.js";
import { bestTurn, lengthOf } from "./plane.js";
import { isPoints, Prediction, sayWhy } from "./predicting.js";

const LETTER = 14; // pixels
const WIDEST_PLANE = 360; // pixels of a side
const FARTHEST_MEAN = 1.3; // from the middle, so that no mark leaves the picture
const [STEP_OF_KEY, LEAP_OF_KEY] = [0.05, 0.25];
const MOST_CLASSES = 20;
/** @type {Record<string, Vector | undefined>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @type {QuestionKind} */
export const PLACE = {
  build: (box, question, context) => new Placing(box, question, context),
  takes: (answer) => isPoints(answer, 2, MOST_CLASSES),
};

/** @implements {AskedQuestion} */
class Placing extends Prediction {
  /**
   * @param {HTMLElement} box
   * @param {QuestionData} _question
   * @param {QuestionContext} context
   */
  constructor(box, _question, context) {
    super(box, context, {
      board: "tp-board tp-plane", surface: "", hand: "Drag the marks with a finger or the mouse.", keys: "By keys: Tab chooses a mark, the arrows move it, with Shift farther.",
    });
    const { film, until, ends } = context;
    this.until = until;
    this.ends = ends;
    /** One for each class mean. @type {HTMLElement[]} */
    this.grips = [];
    /** @type {Film | null} */
    this.film = null;
    /** Where the class means are placed. @type {Vector[]} */
    this.points = [];
    this.isMoved = false;
    film?.then((whole) => this.#take(whole)).catch((why) => sayWhy(this.said, why));
  }

  /** @returns {Answer | null} */
  get answer() {
    if (this.before || !this.film) return this.before;
    return this.isMoved ? this.points.map(([x, y]) => /** @type {[number, number]} */ ([rounded(x), rounded(y)])) : null;
  }

  /** @param {Answer} answer */
  put(answer) {
    this.before = answer;
    const { film } = this;
    if (!film) return;
    this.isMoved = isPoints(answer, film.classes, film.classes);
    if (!this.isMoved) this.before = null; // the film is another one by now
    else this.points = /** @type {Vector[]} */ (answer).map(nearby);
    this.draw();
  }

  /** @param {Film} film */
  #take(film) {
    this.film = film;
    this.points = meansAt(film, this.until).map(nearby);
    for (let k = 0; k < film.classes; k += 1) this.#makeHandle(film, k);
    if (this.before) this.put(this.before);
    this.draw();
    this.changed();
  }

  begin() {
    if (!this.film) return;
    this.points = meansAt(this.film, this.until).map(nearby);
    this.isMoved = false;
    this.before = null;
    this.draw();
    this.changed();
  }

  /** @param {number} k @param {Vector} point */
  #move(k, point) {
    this.points[k] = nearby(point);
    this.isMoved = true;
    this.before = null;
    this.draw();
    this.changed();
  }

  /** @returns {Box} */
  get place() {
    const side = Math.min(WIDEST_PLANE, this.board.clientWidth);
    return { left: 0, top: 0, width: side, height: side };
  }

  draw() {
    const { film, place, points, frame, isLocked, isMoved } = this;
    if (!film || !place.width) return;
    Object.entries({ width: place.width, height: place.width }).forEach(([name, pixels]) => this.picture.setAttribute(name, String(pixels)));
    const starts = meansAt(film, this.until);
    const run = meansAt(film, Math.max(this.until, frame));
    const isAtEnd = frame >= this.ends;
    const parts = isLocked
      ? [...(isMoved ? [this.#own(film, place, isAtEnd)] : []), ...run.flatMap((point, k) => meanParts(film, k, point, place, LETTER, true))]
      : points.flatMap((point, k) => [...wayParts(starts[k], point, k, place), ...meanParts(film, k, point, place, LETTER, true)]);
    drawParts(this.picture, [...planeParts(place, LETTER), ...parts]);
    this.anew.disabled = !isMoved;
    this.#tellHandles(place);
    if (isLocked && isMoved && isAtEnd) writeWords(this.said, placementWords(film, /** @type {Vector[]} */ (this.answer), meansAt(film, this.ends)));
  }

  /** What a person has placed, turned as a whole once the run is at its end. @type {(film: Film, place: Box, isAtEnd: boolean) => Part} */
  #own(film, place, isAtEnd) {
    const { angle, mirrored } = isAtEnd ? bestTurn(this.points, meansAt(film, this.ends)) : { angle: 0, mirrored: false };
    const [cx, cy] = spotIn(place, [0, 0]);
    const inside = this.points.flatMap((point, k) => {
      const [x, y] = spotIn(place, point);
      return [part("line", { class: "tp-own-spoke", x1: cx, y1: cy, x2: x, y2: y }), markPart(k, [x, y], 0.55 * LETTER)];
    });
    return part("g", { class: "tp-own-means", transform: `translate(${cx} ${cy}) rotate(${(-angle * 180) / Math.PI}) scale(1 ${mirrored ? -1 : 1}) translate(${-cx} ${-cy})` }, inside);
  }

  /** @param {Film} film @param {number} k */
  #makeHandle(film, k) {
    const handle = make("div", "tp-handle", this.surface);
    this.grips.push(handle);
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", `Class mean ${film.nameOf(k)}`);
    handle.setAttribute("aria-valuemin", "-180");
    handle.setAttribute("aria-valuemax", "180");
    const { signal } = this.abort;
    /** From the pointer to the mark that it drags, in pixels. */
    let grip = [0, 0];
    /** @type {(event: PointerEvent) => number[]} */
    const at = (event) => {
      const box = this.board.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    handle.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      handle.setPointerCapture(event.pointerId);
      const spot = spotIn(this.place, this.points[k]), [x, y] = at(event);
      grip = [spot[0] - x, spot[1] - y];
    }, { signal });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const [x, y] = at(event), { width } = this.place, scale = (2 * REACH_OF_PLANE) / width;
      this.#move(k, [(x + grip[0] - width / 2) * scale, (width / 2 - y - grip[1]) * scale]);
    }, { signal });
    handle.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const by = event.shiftKey ? LEAP_OF_KEY : STEP_OF_KEY;
      this.#move(k, this.points[k].map((x, axis) => x + by * arrow[axis]));
    }, { signal });
  }

  /** Puts the handles over their marks, and says where they are. @param {Box} place */
  #tellHandles(place) {
    this.grips.forEach((handle, k) => {
      const [x, y] = spotIn(place, this.points[k]);
      const angle = Math.round((Math.atan2(this.points[k][1], this.points[k][0]) * 180) / Math.PI);
      handle.style.transform = `translate(${x}px, ${y}px)`;
      handle.setAttribute("aria-valuenow", String(angle));
      handle.setAttribute("aria-valuetext", `${String(angle).replace("-", "−")}° from the right, ${figure(lengthOf(this.points[k]))} from the middle`);
    });
  }
}

/** A point that is no farther out than the picture goes. @type {(point: Vector) => Vector} */
function nearby(point) {
  const far = lengthOf(point);
  return far > FARTHEST_MEAN ? point.map((x) => (x / far) * FARTHEST_MEAN) : point;
}

/** Where a mark was taken from. @type {(start: Vector, point: Vector, k: number, place: Box) => Part[]} */
function wayParts(start, point, k, place) {
  const [[x1, y1], [x2, y2]] = [spotIn(place, start), spotIn(place, point)];
  if (Math.hypot(x2 - x1, y2 - y1) < LETTER / 2) return [];
  return [part("line", { class: "tp-way", x1, y1, x2, y2 }), markPart(k, [x1, y1], 0.3 * LETTER, { opacity: 0.5 })];
}

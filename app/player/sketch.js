// Draws the stage without WebGL: the same traces seen by the same cameras, on a plain canvas.

/** @import { Camera, Hands, Pen, Points, Side, Sight, Trace } from "./types.d.ts" */
import { sightOf, turned } from "./camera.js";
import { cellAt } from "./cells.js";
import { MARKS } from "./marks.js";
import { contextOf, make } from "./parts.js";
import { sceneName } from "./scenes.js";

/**
 * One stroke, and how far behind it lies.
 * @typedef {{ depth: number, draw: (context: CanvasRenderingContext2D) => void }} Stroke
 * @typedef {(context: CanvasRenderingContext2D, from: number[], to: number[], i: number, trace: Trace, marks: Record<string, Path2D>) => void} Style
 */

const FAR_BEHIND = 1e6; // depth of what nothing may lie behind
/** @type {Record<string, number>} */
const LAYERS = { sphere: FAR_BEHIND, edges: FAR_BEHIND / 2, names: -FAR_BEHIND };
/** Of a drawing that nobody turns. @type {Hands} */
export const NO_HANDS = { turning: () => {}, turned: () => {}, lost: () => {} };
const NEAREST_SEEN = 0.05;
/** @type {Record<string, number>} */
const PEN_SIZE = { "circle-open": 2.9 }; // Plotly's letters for marks, in the sizes it is told
const USUAL_PEN_SIZE = 1.45;
const TURN_A_PIXEL = 0.01; // radians

/** @implements {Pen} */
export class Sketch {
  /**
   * @param {HTMLElement} host
   * @param {Hands} on
   * @param {number} [ratio] pixels of the drawing for one of the page; the screen's, if it is left out
   */
  constructor(host, on, ratio = undefined) {
    this.host = host;
    this.on = on;
    this.ratio = ratio;
    /** @type {Trace[]} */
    this.traces = [];
    /** @type {Side[]} */
    this.sides = [];
    /** @type {{ side: number, x: number, y: number, camera: Camera } | null} */
    this.drag = null;
    this.canvas = make("canvas", "fp-sketch", host);
    this.context = contextOf(this.canvas);
    this.abort = new AbortController();
    /** @type {Record<string, Path2D>} */
    this.marks = Object.fromEntries(Object.entries(MARKS).map(([name, path]) => [name, new Path2D(path)]));
    this.#listen();
  }

  /** @type {(traces: Trace[], sides: Side[]) => boolean} */
  show(traces, sides) {
    this.traces = traces.map((trace) => ({ ...trace }));
    this.look(sides);
    return true;
  }

  /** @type {(sides: Side[]) => void} */
  look(sides) {
    this.sides = sides;
    this.flush();
  }

  /** @type {(index: number, points: Points) => void} */
  move(index, [x, y, z]) {
    Object.assign(this.traces[index], { x, y, z });
  }

  /** Draws what was moved, from far to near. */
  flush() {
    const { canvas, context, host, marks, sides } = this;
    const ratio = this.ratio ?? (window.devicePixelRatio || 1);
    Object.assign(canvas, { width: host.clientWidth * ratio, height: host.clientHeight * ratio });
    sides.forEach(({ camera, cell: { x, y, width, height } }, side) => {
      const strokes = this.traces.filter(({ scene, visible }) => visible && scene === sceneName(side))
        .flatMap((trace) => strokesOf(trace, sightOf(camera, width, height), marks))
        .sort((a, b) => b.depth - a.depth);
      context.setTransform(ratio, 0, 0, ratio, x * ratio, y * ratio);
      context.save();
      context.beginPath();
      context.rect(0, 0, width, height);
      context.clip();
      for (const { draw } of strokes) draw(context);
      context.restore();
    });
  }

  destroy() {
    this.abort.abort();
    this.canvas.remove();
  }

  /** A drag turns the scene under the mouse; fingers turn it as they turn Plotly's (see `turnByFinger`). */
  #listen() {
    const { canvas, abort: { signal } } = this;
    canvas.addEventListener("pointerdown", (event) => {
      const side = cellAt(this.sides.map(({ cell }) => cell), event.offsetX, event.offsetY);
      if (event.button || event.pointerType === "touch" || this.sides[side].flat) return;
      this.drag = { side, x: event.clientX, y: event.clientY, camera: this.sides[side].camera };
      canvas.setPointerCapture(event.pointerId);
    }, { signal });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.drag || !canvas.hasPointerCapture(event.pointerId)) return;
      const { side, x, y, camera } = this.drag;
      this.on.turned(side, turned(camera, (x - event.clientX) * TURN_A_PIXEL, (event.clientY - y) * TURN_A_PIXEL));
    }, { signal });
  }
}

/**
 * What has to be drawn of a trace: each stroke with its depth, and how it is drawn.
 * @type {(trace: Trace, sight: Sight, marks: Record<string, Path2D>) => Stroke[]}
 */
export function strokesOf(trace, sight, marks) {
  const { name, mode, x, y, z } = trace;
  const layer = LAYERS[name] ?? 0;
  const spots = Array.from(x, (_, i) => sight(x[i], y[i], z[i]));
  const seen = spots.map(([, , depth]) => depth > NEAREST_SEEN); // NaN, which lifts the pen, is not seen
  const style = mode === "lines" ? lineBetween : mode === "markers" ? markAt : nameAt;
  return spots.flatMap((spot, i) => {
    const before = mode === "lines" ? i - 1 : i;
    if (!seen[i] || !seen[before]) return [];
    const depth = layer + (spot[2] + spots[before][2]) / 2;
    return [{ depth, draw: (context) => style(context, spots[before], spot, i, trace, marks) }];
  });
}

/** @type {Style} */
function lineBetween(context, from, to, i, { line }) {
  if (!line) return;
  const { width, color } = line;
  Object.assign(context, { lineCap: "round", lineWidth: width / 2, strokeStyle: ofPoint(color, i) });
  context.beginPath();
  context.moveTo(from[0], from[1]);
  context.lineTo(to[0], to[1]);
  context.stroke();
}

/** @type {Style} */
function markAt(context, _, [x, y], i, { marker }, marks) {
  if (!marker) return;
  const { symbol, color, size, line } = marker;
  const mark = ofPoint(symbol, i);
  const [kind, open] = mark.split("-");
  const radius = (ofPoint(size, i) * (PEN_SIZE[mark] ?? USUAL_PEN_SIZE)) / 2;
  const edge = kind === "circle" && open ? 2.4 : open ? 1.2 : line?.width ?? 0;
  context.save();
  context.translate(x, y);
  context.scale(radius, radius);
  context.fillStyle = ofPoint(color, i);
  if (edge) {
    Object.assign(context, { lineWidth: edge / radius, strokeStyle: open ? context.fillStyle : line?.color });
    context.stroke(marks[kind]);
  }
  if (!open) context.fill(marks[kind]);
  context.restore();
}

/** @type {Style} */
function nameAt(context, _, [x, y], i, { text, textfont }) {
  if (!text || !textfont) return;
  const { size, color, family } = textfont;
  Object.assign(context, { fillStyle: color, font: `${size}px ${family}`, textAlign: "center", textBaseline: "middle" });
  context.fillText(text[i], x, y);
}

/**
 * A look that all points share, or that each has for itself.
 * @template T
 * @param {T | T[]} look
 * @param {number} i
 * @returns {T}
 */
function ofPoint(look, i) {
  return Array.isArray(look) ? look[i] : look;
}

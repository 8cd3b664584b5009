// The stage without WebGL: the same traces seen by the same cameras, drawn with a pen on a plain canvas.

import { sightOf, turned } from "./camera.js";
import { make } from "./parts.js";
import { sceneName } from "./scenes.js";

/** Marks of radius 1 around the origin; the open ones are the same, not filled. */
const MARKS = {
  circle: "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0", square: "M-1-1h2v2h-2z", diamond: "M0-1l1 1l-1 1l-1-1z",
  cross: "M-.15-1h.3v.85h.85v.3h-.85v.85h-.3v-.85h-.85v-.3h.85z",
};
const FAR_BEHIND = 1e6; // depth of what nothing may lie behind
const LAYERS = { sphere: FAR_BEHIND, edges: FAR_BEHIND / 2, names: -FAR_BEHIND };
const NEAREST_SEEN = 0.05;
const PEN_SIZE = { "circle-open": 2.9 }; // Plotly's letters for marks, in the sizes it is told
const USUAL_PEN_SIZE = 1.45;
const TURN_A_PIXEL = 0.01; // radians

export class Sketch {
  /** Tells `on.turned(side, camera)` of a person's hand. */
  constructor(host, on) {
    Object.assign(this, { host, on, canvas: make("canvas", "fp-sketch", host), abort: new AbortController() });
    this.context = this.canvas.getContext("2d");
    this.marks = Object.fromEntries(Object.entries(MARKS).map(([name, path]) => [name, new Path2D(path)]));
    this.#listen();
  }

  show(traces, views) {
    Object.assign(this, { traces: traces.map((trace) => ({ ...trace })), views });
    this.flush();
  }

  look(views) {
    this.views = views;
    this.flush();
  }

  move(index, [x, y, z]) {
    Object.assign(this.traces[index], { x, y, z });
  }

  /** Draws what was moved, from far to near. */
  flush() {
    const { canvas, context, host, marks, views } = this;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: host.clientWidth * ratio, height: host.clientHeight * ratio });
    views.forEach(({ camera, width, height }, side) => {
      const strokes = this.traces.filter(({ scene, visible }) => visible && scene === sceneName(side))
        .flatMap((trace) => strokesOf(trace, sightOf(camera, width, height), marks))
        .sort((a, b) => b.depth - a.depth);
      context.setTransform(ratio, 0, 0, ratio, side * width * ratio, 0);
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
      const side = Math.min(this.views.length - 1, Math.floor((event.offsetX / canvas.clientWidth) * this.views.length));
      if (event.button || event.pointerType === "touch" || this.views[side].flat) return;
      this.drag = { side, x: event.clientX, y: event.clientY, camera: this.views[side].camera };
      canvas.setPointerCapture(event.pointerId);
    }, { signal });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.drag || !canvas.hasPointerCapture(event.pointerId)) return;
      const { side, x, y, camera } = this.drag;
      this.on.turned(side, turned(camera, (x - event.clientX) * TURN_A_PIXEL, (event.clientY - y) * TURN_A_PIXEL));
    }, { signal });
  }
}

/** What has to be drawn of a trace: each stroke with its depth, and how it is drawn. */
function strokesOf({ name, mode, x, y, z, ...looks }, sight, marks) {
  const layer = LAYERS[name] ?? 0;
  const spots = Array.from(x, (_, i) => sight(x[i], y[i], z[i]));
  const seen = spots.map(([, , depth]) => depth > NEAREST_SEEN); // NaN, which lifts the pen, is not seen
  const style = { lines: lineBetween, markers: markAt, text: nameAt }[mode];
  return spots.flatMap((spot, i) => {
    const before = mode === "lines" ? i - 1 : i;
    if (!seen[i] || !seen[before]) return [];
    const depth = layer + (spot[2] + spots[before][2]) / 2;
    return [{ depth, draw: (context) => style(context, spots[before], spot, i, looks, marks) }];
  });
}

function lineBetween(context, from, to, i, { line: { width, color } }) {
  Object.assign(context, { lineCap: "round", lineWidth: width / 2, strokeStyle: ofPoint(color, i) });
  context.beginPath();
  context.moveTo(from[0], from[1]);
  context.lineTo(to[0], to[1]);
  context.stroke();
}

function markAt(context, _, [x, y], i, { marker: { symbol, color, size, line } }, marks) {
  const mark = ofPoint(symbol, i);
  const [kind, open] = mark.split("-");
  const radius = (ofPoint(size, i) * (PEN_SIZE[mark] ?? USUAL_PEN_SIZE)) / 2;
  const edge = kind === "circle" && open ? 2.4 : open ? 1.2 : line?.width ?? 0;
  context.save();
  context.translate(x, y);
  context.scale(radius, radius);
  context.fillStyle = ofPoint(color, i);
  if (edge) {
    Object.assign(context, { lineWidth: edge / radius, strokeStyle: open ? context.fillStyle : line.color });
    context.stroke(marks[kind]);
  }
  if (!open) context.fill(marks[kind]);
  context.restore();
}

function nameAt(context, _, [x, y], i, { text, textfont: { size, color, family } }) {
  Object.assign(context, { fillStyle: color, font: `${size}px ${family}`, textAlign: "center", textBaseline: "middle" });
  context.fillText(text[i], x, y);
}

/** A look that all points share, or that each has for itself. */
function ofPoint(look, i) {
  return Array.isArray(look) ? look[i] : look;
}

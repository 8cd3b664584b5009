// The panel of one curve, on which a visitor sketches and the run draws: its clock, its scale, and places on it as shares
// of its width and height. It reaches beyond what the run will do, so that its ends do not say where the curve goes.

import { curvesOf, plotted } from "../player/chart.js";
import { clocksOf, clockTicks, positionsOf } from "../player/ticks.js";
import { linearAxis, logAxis, shareOn, valueOn } from "./axes.js";
import { part, pathThrough, wordsAt } from "../player/drawing.js";

/** @import { Film } from "../player/film.js" */
/** @import { Curve, Track } from "../player/types.d.ts" */
/** @import { Axis } from "./axes.js" */
/** @import { Part } from "../player/drawing.js" */
/** @import { Box } from "./pictures.js" */

/**
 * A panel, and what the run does in it: `x` and `y` have a share for each frame, null where the clock or the curve has no
 * place. A sketch goes from `from`, the frame at which the film waits, to `to`.
 * @typedef {{
 *   film: Film, curve: Curve, title: string, clock: string, axis: Axis, ticks: Axis["ticks"], x: Track, y: Track, from: number, to: number,
 * }} CurvePanel
 */

const PANEL_ROOM = 0.3; // of the run's own range, above and below it

/**
 * The panel of a curve by its name, sketched from frame `from` to frame `ends`.
 * @type {(film: Film, name: string, from: number, ends: number) => CurvePanel}
 */
export function curvePanel(film, name, from, ends) {
  const shown = film.header.panels.find(({ curves }) => curves.includes(name));
  const curve = film.curves.find((each) => each.name === name);
  if (!shown || !curve) throw new Error(`This film draws no ${name}.`);
  const to = Math.max(from, ends);
  const [{ name: clock, label }] = clocksOf([film]);
  const track = positionsOf(film, clock).slice(0, to + 1);
  const values = plotted(film, curve).slice(0, to + 1);
  const known = track.filter((x) => x !== null);
  const [left, right] = [known[0] ?? 0, known.at(-1) ?? 1];
  const width = right > left ? right - left : 1;
  const first = curvesOf({ film }, shown)[0];
  const axis = axisOfCurve(first.scale, values.filter((value) => value !== null));
  const ticks = clockTicks(clock, left, left + width);
  return {
    film, curve, clock: label, axis, from, to,
    title: shown.curves.length > 1 ? `${shown.title}: ${curve.label}` : shown.title,
    ticks: ticks.at.map((at, i) => ({ at: (at - left) / width, words: ticks.words[i] })),
    x: track.map((x) => (x === null ? null : (x - left) / width)),
    y: values.map((value) => (value === null ? null : shareOn(axis, value))),
  };
}

/** @type {(scale: string, values: number[]) => Axis} */
function axisOfCurve(scale, values) {
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  if (low > high) return linearAxis(0, 1);
  if (scale === "log") {
    const beyond = (high / low) ** PANEL_ROOM;
    return logAxis([Math.max(low / beyond, Number.MIN_VALUE), Math.min(high * beyond, Number.MAX_VALUE)]);
  }
  if (scale === "signed") {
    const bottom = Math.min(0, low), top = Math.max(0, high), room = PANEL_ROOM * (top - bottom);
    return linearAxis(bottom - room, top + room);
  }
  return linearAxis(Math.min(0, low) - 0.05, Math.max(1, high) + 0.05);
}

/**
 * Where a frame, which may lie between two, stands across the panel; null where the clock has no place for it.
 * @type {(panel: Pick<CurvePanel, "x">, frame: number) => number | null}
 */
export function acrossOf({ x }, frame) {
  return between(x, Math.min(x.length - 1, Math.max(0, frame)));
}

/** How high the run stands there; null where it has no value. @type {(panel: Pick<CurvePanel, "y">, frame: number) => number | null} */
export function runAt({ y }, frame) {
  return between(y, Math.min(y.length - 1, Math.max(0, frame)));
}

/** @type {(track: Track, at: number) => number | null} */
function between(track, at) {
  const below = Math.floor(at), [low, high] = [track[below], track[Math.ceil(at)]];
  if (low === null || high === null) return at - below < 0.5 ? low : high;
  return low + (at - below) * (high - low);
}

/** The frame, perhaps between two, at a share of the panel's width. @type {(panel: Pick<CurvePanel, "x">, share: number) => number} */
export function frameAcross({ x }, share) {
  const last = x.findLastIndex((at) => at !== null && at <= share);
  if (last < 0) return Math.max(0, x.findIndex((at) => at !== null));
  const [here, next] = [x[last] ?? 0, x[last + 1] ?? null];
  return next === null || next === here ? last : last + (share - here) / (next - here);
}

/** The value at a share of the panel's height. @type {(panel: Pick<CurvePanel, "axis">, share: number) => number} */
export function valueUp({ axis }, share) {
  return valueOn(axis, share);
}

/**
 * The axes of a panel in a picture, and a line where the film waits: `box` is the place of the curve itself, the words stand to its left and below.
 * @type {(panel: CurvePanel, box: Box, em: number) => Part[]}
 */
export function axesParts(panel, { left, top, width, height }, em) {
  const { axis, ticks, clock } = panel;
  const bottom = top + height, wait = left + (acrossOf(panel, panel.from) ?? 0) * width;
  const across = axis.ticks.map(({ at }) => {
    const y = bottom - at * height;
    return part("line", { class: "tp-grid", x1: left, x2: left + width, y1: y, y2: y });
  });
  const beside = axis.ticks.map(({ at, words }) => wordsAt(left - 0.4 * em, bottom - at * height + 0.35 * em, words, { class: "tp-tick", "text-anchor": "end" }));
  const below = ticks.map(({ at, words }) => wordsAt(left + at * width, bottom + 1.15 * em, words, { class: "tp-tick", "text-anchor": at > 0.97 ? "end" : at < 0.03 ? "start" : "middle" }));
  return [
    ...across, part("line", { class: "tp-wait", x1: wait, x2: wait, y1: top, y2: bottom }), ...beside, ...below,
    wordsAt(left + width, bottom + 2.3 * em, clock, { class: "tp-tick", "text-anchor": "end" }),
  ];
}

/** What goes beyond the box is not seen. @type {(box: Box, parts: Part[]) => Part} */
export function clipped({ left, top, width, height }, parts) {
  return part("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}`, overflow: "hidden" }, parts);
}

/** The run's curve up to a frame, as a path. @type {(panel: CurvePanel, box: Box, frame: number) => string} */
export function runPath(panel, { left, top, width, height }, frame) {
  const { x, y } = panel;
  return pathThrough(x.slice(0, Math.max(0, Math.floor(frame) + 1)).map((at, i) => {
    const up = y[i];
    return at === null || up === null ? null : [left + at * width, top + (1 - up) * height];
  }));
}

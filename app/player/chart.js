// The figure of the metric curves as plain data: a panel for each metric, one clock under all of them.

import { freeSpot } from "./guides.js";
import { panelsOf } from "./panels.js";
import { DASHED, DOTTED, pencilOf, SOLID } from "./pens.js";
import { clockTicks, logBounds, positionsOf, roundTicks } from "./ticks.js";
import { FEW_CURVES } from "./unfolding.js";

/** @import { Film } from "./film.js" */
/** @import { Pencil } from "./pens.js" */
/** @import { Ticks } from "./ticks.js" */
/** @import { Curve, Guide, Panel, Theme, Track, Vector } from "./types.d.ts" */

/**
 * What the curves show: films on one clock, the `film` among them whose panels, events and guides are seen, and where
 * each film's frames stand on the axis of the clock. `foldable` counts the panels that may be folded away.
 * @typedef {{
 *   films: Film[], film: Film, panels: Panel[], foldable: number, clock: string, tracks: Track[], range: [number, number], theme: Theme,
 * }} Chart
 * @typedef {{ x: Track, y: Track, pencil: Pencil }} Line
 * @typedef {{ width: number, height: number }} Size
 */

/**
 * A drawing in pixels. A line is broken at null; each panel's own lines end at its edges, and the others lie beneath.
 * @typedef {Pencil & { points: (Vector | null)[] }} Stroke
 * @typedef {{ text: string, at: Vector, align: "start" | "middle" | "end", size: number, colour: string, kind: string }} Writing
 * @typedef {{ beneath: Stroke[], panels: { at: Vector, size: Size, strokes: Stroke[] }[], words: Writing[] }} Figure
 */

export const MARGIN = { l: 46, r: 16, b: 42 }; // below: the ticks, and the choice of the clock
const TITLE_HEIGHT = 24; // a row, and the upper half of a tick's words
const [TICKS_UNDER, TICKS_BESIDE] = [14, 4]; // from an axis to the middle of its words, and to their end
const [WORD_SIZE, TICK_SIZE] = [12, 11];
/** Floors of curves, by the beginning of a name, for films from before their headers said them. */
const FLOORS = Object.entries({ nc1: 1e-30, nc2: 1e-15, nc3: 1e-15, gamma_gap: 1e-15, duality_gap: 1e-14, kkt: 1e-15 });

/**
 * The chart of films on a clock, with the panels of one set as the `chosen` film has them: at most `most` of those that
 * stand beside every film; or the one curve `only`, if that film has it.
 * @type {(films: Film[], choice: { chosen: Film, set: string, clock: string, theme: Theme, most?: number, only?: string | null }) => Chart}
 */
export function chartOf(films, { chosen: film, set, clock, theme, most = Infinity, only = null }) {
  const { header } = film;
  const panels = only && film.arrays[only] ? panelsOf(header, [only]) : header.panels;
  const shown = panels.some((panel) => panel.set === set) ? set : "run";
  const tracks = films.map((each) => positionsOf(each, clock));
  const known = tracks.flat().filter((at) => at !== null);
  const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const there = panels.filter((panel) => panel.set === shown && panel.curves.every((name) => film.arrays[name]));
  const folds = shown === "run" && film.frames > 1 && there.length > FEW_CURVES;
  return {
    films, film, clock, tracks, theme, range: high > low ? [low, high] : [low, low + 1],
    panels: folds ? there.slice(0, most) : there, foldable: folds ? there.length - FEW_CURVES : 0,
  };
}

/**
 * Where an x of the chart stands between its left end, 0, and its right end, 1.
 * @type {(chart: Chart, x: number | null | undefined) => number}
 */
export function shareOf({ range: [low, high] }, x) {
  return ((x ?? low) - low) / (high - low);
}

/** A panel's curves, as its film describes them. @type {(chart: Pick<Chart, "film">, panel: Panel) => Curve[]} */
export function curvesOf({ film }, panel) {
  return panel.curves.flatMap((name) => film.curves.find((curve) => curve.name === name) ?? []);
}

/**
 * The chart drawn in so many pixels; `measure` gives the width of words.
 * @type {(chart: Chart, size: Size, measure: (words: string) => number) => Figure}
 */
export function figureOf(chart, { width, height }, measure) {
  const inner = { width: Math.max(1, width - MARGIN.l - MARGIN.r), height: Math.max(1, height - MARGIN.b) }; // of what is hidden, none
  const step = inner.height / chart.panels.length;
  const drawn = chart.panels.map((panel, i) => {
    const top = i * step + TITLE_HEIGHT;
    return panelOf(chart, panel, [MARGIN.l, top], { width: inner.width, height: Math.max(1, step - TITLE_HEIGHT - TICKS_BESIDE) }, measure);
  });
  const across = (/** @type {number} */ x) => MARGIN.l + shareOf(chart, x) * inner.width;
  const { at, words } = clockTicks(chart.clock, ...chart.range);
  const below = { align: /** @type {const} */ ("middle"), size: TICK_SIZE, colour: chart.theme.soft, kind: "clock" };
  return {
    beneath: [...drawn.flatMap(({ grid }) => grid), ...eventMarks(chart, across, inner.height)],
    panels: drawn.map(({ panel }) => panel),
    words: [...drawn.flatMap((each) => each.words), ...at.map((x, i) => ({ ...below, text: words[i], at: [across(x), inner.height + TICKS_UNDER - TICKS_BESIDE] }))],
  };
}

/**
 * One panel: its grid, what is drawn in it, and the words in it and beside it.
 * @type {(chart: Chart, panel: Panel, at: Vector, size: Size, measure: (words: string) => number) => { grid: Stroke[], panel: Figure["panels"][number], words: Writing[] }}
 */
function panelOf(chart, panel, [left, top], size, measure) {
  const { theme } = chart;
  const { range: [low, high], ticks, isLog } = axisOf(chart, panel);
  const down = (/** @type {number} */ y) => ((high - y) / (high - low)) * size.height;
  /** @type {(line: Line) => Stroke} */
  const stroke = ({ x, y, pencil }) => ({ ...pencil, points: x.map((each, i) => {
    const value = y[i];
    return each === null || value === null ? null : [shareOf(chart, each) * size.width, down(isLog ? Math.log10(value) : value)];
  }) });
  const guides = chart.film.header.guides.filter(({ curve }) => panel.curves.includes(curve));
  const [lines, laws] = [curveLines(chart, panel).map(stroke), guides.map((guide) => stroke(lawLine(chart, guide)))];
  /** @type {(text: string, at: Vector, colour: string, kind: string) => Writing} */
  const inside = (text, [x, y], colour, kind) => ({ text, at: [left + x, top + y], align: "middle", size: WORD_SIZE, colour, kind });
  const why = emptyWords(chart, panel);
  const words = why ? [inside(why, [size.width / 2, size.height / 2], theme.soft, "empty")] : [];
  if (laws.length) {
    const law = laws[0].points;
    const spot = freeSpot([law, ...lines.map(({ points }) => points)], law.filter((point) => point !== null), [measure(guides[0].label), WORD_SIZE], [size.width, size.height]);
    if (spot) words.push(inside(guides[0].label, spot, theme.ink, "guide"));
  }
  const beside = { align: /** @type {const} */ ("end"), size: TICK_SIZE, colour: theme.soft, kind: "value" };
  return {
    grid: ticks.at.map((y) => ({ width: 1, colour: theme.faint, dash: SOLID, points: [[left, top + down(y)], [left + size.width, top + down(y)]] })),
    panel: { at: [left, top], size, strokes: [...lines, ...laws] },
    words: [...words, ...ticks.at.map((y, i) => ({ ...beside, text: ticks.words[i], at: [left - TICKS_BESIDE, top + down(y)] }))],
  };
}

/**
 * A range that holds every value that can be drawn: the whole of 0 to 1 for a share, 0 in sight of what has a sign. On a
 * log axis range and ticks are powers of ten.
 * @type {(chart: Chart, panel: Panel) => { range: [number, number], ticks: Ticks, isLog: boolean }}
 */
function axisOf(chart, panel) {
  const values = chart.films.flatMap((film) => curvesOf(chart, panel).flatMap((curve) => plotted(film, curve).filter((value) => value !== null)));
  const { scale } = curvesOf(chart, panel)[0];
  if (values.length === 0) return { range: [0, 1], ticks: { at: [], words: [] }, isLog: false };
  if (scale === "log") return { ...logBounds(values), isLog: true };
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  if (scale !== "signed") return { range: [Math.min(0, least), Math.max(1, most)], ticks: { at: [0, 1], words: ["0", "1"] }, isLog: false };
  const [low, high] = [Math.min(-1e-3, least), Math.max(0, most)];
  const room = 0.12 * (high - low);
  return { range: [low - room, high + room], ticks: roundTicks(low - room, high + room, 3), isLog: false };
}

/** The curves of a panel, those of the chosen film last and so on top. @type {(chart: Chart, panel: Panel) => Line[]} */
function curveLines(chart, panel) {
  const { films, film, tracks, theme } = chart;
  const order = [...films.keys()].sort((i, j) => Number(films[i] === film) - Number(films[j] === film));
  return order.flatMap((i) => curvesOf(chart, panel).filter(({ name }) => films[i].arrays[name]).map((curve) => ({
    x: tracks[i], y: plotted(films[i], curve), pencil: pencilOf(i, films.length, theme, lineOf(panel, curve, films[i] === film)),
  })));
}

/** Which of a panel's curves one is. @type {(panel: Panel, curve: Curve, isChosen: boolean) => { first: boolean, isChosen: boolean, place: number }} */
function lineOf(panel, curve, isChosen) {
  const place = panel.curves.indexOf(curve.name);
  return { first: place === 0, isChosen, place };
}

/** Where each frame of a film of the chart stands. @type {(chart: Chart, of: Film) => Track} */
export function trackOf({ films, tracks }, of) {
  return tracks[films.indexOf(of)] ?? [];
}

/** @type {(chart: Chart, guide: Guide) => Line} */
function lawLine(chart, guide) {
  const { theme } = chart, x = trackOf(chart, chart.film);
  return { x: guide.x_frames.map((frame) => x[frame]), y: guide.y, pencil: { width: 1.5, colour: theme.ink, dash: DASHED } };
}

/** @type {(chart: Chart, across: (x: number) => number, height: number) => Stroke[]} */
function eventMarks(chart, across, height) {
  const { film, theme } = chart, x = trackOf(chart, film);
  return film.header.events.flatMap(({ frame, kind }) => {
    const at = x[frame];
    if (at === null) return [];
    const pencil = { width: 1, colour: kind === "diverged" ? theme.alarm : theme.grey, dash: kind === "note" ? DOTTED : SOLID };
    return [{ ...pencil, points: [[across(at), 0], [across(at), height]] }];
  });
}

/** Why a panel has no line; nothing where it has one. @type {(chart: Chart, panel: Panel) => string} */
function emptyWords(chart, panel) {
  if (curveLines(chart, panel).some(({ y }) => y.some((value) => value !== null))) return "";
  const known = panel.curves.flatMap((name) => [...chart.film.arrays[name]].filter(Number.isFinite));
  if (known.length === 0) return "not defined here";
  return known.some(Boolean) ? "nothing but rounding" : "0 all the time";
}

/**
 * A curve's values as they can be drawn, none where a film has no such curve: null where undefined, and on a log axis
 * where nothing but rounding is left.
 * @type {(film: Film, curve: Curve) => Track}
 */
export function plotted(film, curve) {
  const floor = curve.floor ?? FLOORS.find(([beginning]) => curve.name.startsWith(beginning))?.[1] ?? 0;
  const least = curve.scale === "log" ? Math.max(floor, Number.MIN_VALUE) : -Infinity;
  return Array.from(film.arrays[curve.name] ?? [], (value) => (Number.isFinite(value) && value >= least ? value : null));
}

// The figure of the metric curves as plain data for Plotly: a panel for each metric, one clock under all of them.

import { freeSpot } from "./guides.js";
import { clockTicks, logBounds, positionsOf } from "./ticks.js";

/** @import { Film } from "./film.js" */
/** @import { Curve, Guide, Panel, Theme, Track, Vector } from "./types.d.ts" */

/**
 * What the curves show: a film, perhaps a pinned one beneath it, the panels, and where each film's frames stand on the
 * axis of the clock.
 * @typedef {{
 *   film: Film, pinned: Film | null, panels: Panel[], clock: string, x: Track, others: Track, range: [number, number], theme: Theme,
 * }} Chart
 * @typedef {{ x: Track, y: Track, line: { width: number, dash: string, color: string } }} Line
 * @typedef {{ width: number, height: number }} Size
 */

export const MARGIN = { l: 46, r: 16, t: 0, b: 42 }; // below: the ticks, and the choice of the clock
const TITLE_HEIGHT = 24; // a row, and the upper half of a tick's words
/** Floors of curves, by the beginning of a name, for films from before their headers said them. */
const FLOORS = Object.entries({ nc1: 1e-30, nc2: 1e-15, nc3: 1e-15, gamma_gap: 1e-15, duality_gap: 1e-14, kkt: 1e-15 });
/** @type {Record<string, string>} */
const DASHES = { features: "solid", run: "solid", classifiers: "dot" };

/**
 * The chart of films on a clock, and the panels of one set.
 * @type {(film: Film, pinned: Film | null, choice: { set: string, clock: string, theme: Theme }) => Chart}
 */
export function chartOf(film, pinned, { set, clock, theme }) {
  const { panels } = film.header;
  const shown = panels.some((panel) => panel.set === set) ? set : "run";
  const x = positionsOf(film, clock);
  const others = pinned ? positionsOf(pinned, clock) : [];
  const known = [...x, ...others].filter((at) => at !== null);
  const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  return {
    film, pinned, clock, x, others, theme, range: high > low ? [low, high] : [low, low + 1],
    panels: panels.filter((panel) => panel.set === shown && panel.curves.every((name) => film.arrays[name])),
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
 * Traces and layout, in pixels; `measure` gives the width of words.
 * @type {(chart: Chart, size: Size, measure: (words: string) => number) => { data: object[], layout: object }}
 */
export function figureOf(chart, size, measure) {
  const { theme } = chart;
  const clear = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: theme.font, size: 12, color: theme.soft } };
  const layout = {
    ...axesOfChart(chart, size.height), ...size, margin: MARGIN, showlegend: false, hovermode: false, ...clear,
    shapes: eventMarks(chart), annotations: [...guideWords(chart, size, measure), ...emptyWords(chart)],
  };
  return { data: linesOf(chart), layout };
}

/** @type {(chart: Chart, height: number) => Record<string, object>} */
function axesOfChart(chart, height) {
  const { panels, range, clock, theme } = chart;
  const tickfont = { size: 11, color: theme.soft };
  const quiet = { zeroline: false, showgrid: false, showline: false, ticks: "", fixedrange: true, ticklabeloverflow: "allow", tickfont };
  const below = { ...quiet, range, anchor: axisName("y", panels.length - 1), ...clockTicks(clock, ...range) };
  const beside = panels.map((panel, i) => [i ? `yaxis${i + 1}` : "yaxis", {
    ...quiet, domain: domainOf(chart, i, height), nticks: 3, type: isLog(chart, panel) ? "log" : "linear", exponentformat: "power",
    showgrid: true, gridcolor: theme.faint, ...boundsOf(chart, panel),
  }]);
  return { xaxis: below, ...Object.fromEntries(beside) };
}

/**
 * A panel's share of the plot's height, under its title.
 * @type {(chart: Chart, i: number, height: number) => [number, number]}
 */
function domainOf({ panels }, i, height) {
  const [inner, count] = [height - MARGIN.b, panels.length];
  return [Math.max(0, 1 - (i + 1) / count + 4 / inner), Math.max(0.001, 1 - i / count - TITLE_HEIGHT / inner)];
}

/** @type {(chart: Chart, panel: Panel) => boolean} */
function isLog(chart, panel) {
  return curvesOf(chart, panel)[0].scale === "log";
}

/**
 * A range that holds every value that can be drawn: the whole of 0 to 1 for a share, 0 in sight of what has a sign.
 * @type {(chart: Chart, panel: Panel) => { range: number[], [more: string]: unknown }}
 */
function boundsOf(chart, panel) {
  const values = drawable(chart, panel);
  if (values.length === 0) return { type: "linear", range: [0, 1], showticklabels: false, showgrid: false };
  if (isLog(chart, panel)) return logBounds(values);
  if (curvesOf(chart, panel)[0].scale === "signed") {
    const low = Math.min(-1e-3, ...values), high = Math.max(0, ...values), room = 0.12 * (high - low);
    return { range: [low - room, high + room] };
  }
  return { range: [Math.min(0, ...values), Math.max(1, ...values)], tickvals: [0, 1] };
}

/** @type {(chart: Chart, panel: Panel) => number[]} */
function drawable(chart, panel) {
  const films = chart.pinned ? [chart.film, chart.pinned] : [chart.film];
  return films.flatMap((film) => curvesOf(chart, panel).flatMap((curve) => plotted(film, curve).filter((value) => value !== null)));
}

/** The curves of a panel, the pinned film's first. @type {(chart: Chart, panel: Panel) => Line[]} */
function curveLines(chart, panel) {
  const { film, pinned, x, others, theme } = chart;
  /** @type {(of: Film, at: Track, style: (curve: Curve) => Line["line"]) => Line[]} */
  const lines = (of, at, style) => curvesOf(chart, panel).filter(({ name }) => of.arrays[name])
    .map((curve) => ({ x: at, y: plotted(of, curve), line: style(curve) }));
  return [
    ...(pinned ? lines(pinned, others, () => ({ width: 1.5, dash: "dash", color: theme.grey })) : []),
    ...lines(film, x, (curve) => ({ width: 2, dash: DASHES[curve.on], color: theme.accent })),
  ];
}

/** Every line of every panel as a trace: curves, and guides over them. @type {(chart: Chart) => object[]} */
function linesOf(chart) {
  return chart.panels.flatMap((panel, i) => {
    const guides = guidesOf(chart, panel).map((guide) => ({
      x: guide.x_frames.map((frame) => chart.x[frame]), y: guide.y, line: { width: 1.5, dash: "dash", color: chart.theme.ink },
    }));
    return [...curveLines(chart, panel), ...guides].map((line) => ({
      type: "scatter", mode: "lines", yaxis: axisName("y", i), hoverinfo: "skip", ...line,
    }));
  });
}

/** @type {(chart: Chart) => object[]} */
function eventMarks({ film, x, theme }) {
  return film.header.events.filter(({ frame }) => x[frame] !== null).map(({ frame, kind }) => ({
    type: "line", xref: "x", yref: "paper", x0: x[frame], x1: x[frame], y0: 0, y1: 1, layer: "below",
    line: { width: 1, color: kind === "diverged" ? theme.alarm : theme.grey, dash: kind === "note" ? "dot" : "solid" },
  }));
}

/**
 * The words of each panel's first guide, where no curve passes.
 * @type {(chart: Chart, size: Size, measure: (words: string) => number) => object[]}
 */
function guideWords(chart, { width, height }, measure) {
  const [left, right] = chart.range;
  return chart.panels.flatMap((panel, i) => guidesOf(chart, panel).slice(0, 1).flatMap((guide) => {
    const [bottom, top] = domainOf(chart, i, height);
    const room = [width - MARGIN.l - MARGIN.r, (top - bottom) * (height - MARGIN.b)];
    const [low, high] = boundsOf(chart, panel).range;
    const scale = isLog(chart, panel) ? Math.log10 : Number;
    /** @type {(xs: Track, ys: Track) => (Vector | null)[]} */
    const pixels = (xs, ys) => xs.map((x, at) => {
      const y = ys[at];
      return x === null || y === null ? null : [shareOf(chart, x) * room[0], ((high - scale(y)) / (high - low)) * room[1]];
    });
    const line = pixels(guide.x_frames.map((frame) => chart.x[frame]), guide.y);
    const lines = [line, ...curveLines(chart, panel).map(({ x, y }) => pixels(x, y))];
    const spot = freeSpot(lines, line.filter((point) => point !== null), [measure(guide.label), 12], room);
    if (!spot) return [];
    const at = { x: left + (spot[0] / room[0]) * (right - left), y: high - (spot[1] / room[1]) * (high - low) };
    const font = { size: 12, color: chart.theme.ink };
    return [{ text: guide.label, ...at, yref: axisName("y", i), showarrow: false, xanchor: "center", yanchor: "middle", font }];
  }));
}

/** Why a panel has no line. @type {(chart: Chart) => object[]} */
function emptyWords(chart) {
  return chart.panels.flatMap((panel, i) => {
    if (drawable(chart, panel).length) return [];
    const known = panel.curves.flatMap((name) => [...chart.film.arrays[name]].filter(Number.isFinite));
    const text = known.length === 0 ? "not defined here" : known.some(Boolean) ? "nothing but rounding" : "0 all the time";
    const place = { xref: "paper", x: 0.5, yref: `${axisName("y", i)} domain`, y: 0.5, showarrow: false };
    return [{ ...place, text, font: { size: 12, color: chart.theme.soft } }];
  });
}

/** @type {(chart: Chart, panel: Panel) => Guide[]} */
function guidesOf({ film }, panel) {
  return film.header.guides.filter(({ curve }) => panel.curves.includes(curve));
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

/** @type {(letter: string, i: number) => string} */
function axisName(letter, i) {
  return i ? `${letter}${i + 1}` : letter;
}

// The metric curves: one figure, drawn once for each film, and over it the line that follows the clock.

import { chartOf, curvesOf, figureOf, MARGIN, shareOf, trackOf } from "./chart.js";
import { Cursor } from "./cursor.js";
import { drawParts, makeDrawing, part, pathThrough, wordsAt } from "./drawing.js";
import { contextOf, make, onResize, within, wordButton } from "./parts.js";
import { FILM_LETTERS } from "./pens.js";
import { differ } from "./settings.js";
import { afterFrame } from "./ticker.js";
import { clocksOf } from "./ticks.js";
import { Titles } from "./titles.js";
import { onSwipe } from "./touch.js";
import { FEW_CURVES, rememberCurves } from "./unfolding.js";

/** @import { Chart, Figure, Stroke } from "./chart.js" */
/** @import { Part } from "./drawing.js" */
/** @import { Film } from "./film.js" */
/** @import { Settings, Shown, Theme } from "./types.d.ts" */

/** Films on one clock, the one whose figures are read, and how their curves are drawn. @typedef {Shown & { chosen: Film, settings: Settings, theme: Theme }} Drawn */

/**
 * The clock that the curves are drawn over: the chosen one as long as the films have it.
 * @type {(films: Film[], clock: string | null) => string}
 */
export function shownClock(films, clock) {
  const clocks = clocksOf(films);
  return (clocks.find(({ name }) => name === clock) ?? clocks[0]).name;
}

export class Curves {
  /**
   * @param {HTMLElement} host
   * @param {HTMLElement} note where definitions are shown
   * @param {(frame: number) => void} seek called while a person drags along the curves
   * @param {(all: boolean) => void} unfold called when a person wants all curves, or the first few alone
   */
  constructor(host, note, seek, unfold) {
    this.host = host;
    this.plot = makeDrawing(host, "fp-plot");
    this.cursor = new Cursor(host);
    this.titles = new Titles(make("div", "", host), note); // over the lines, so that none strikes a word through
    this.plot.setAttribute("aria-hidden", "true");
    this.more = wordButton(host, "fp-more", "", () => {
      const all = !this.shown?.settings.allCurves;
      rememberCurves(all);
      unfold(all);
    });
    /** What was asked for last; it is painted a frame later. @type {Drawn | null} */
    this.shown = null;
    /** What is painted. @type {Chart | null} */
    this.chart = null;
    /** The film that led when it was. @type {Film | null} */
    this.lead = null;
    /** From the left to the right end of every panel, in pixels. */
    this.across = 0;
    this.frame = 0;
    /** Calls off what waits to be painted; null where nothing waits. @type {(() => void) | null} */
    this.callOff = null;
    this.abort = new AbortController();
    this.observer = onResize(host, () => this.#fit());
    this.#listen(seek);
  }

  /**
   * Moves the cursor to a frame of the leading film, and the figures beside the titles, where they are due, to the chosen
   * film's `own`. The curves of films that take the place of others wait until the stage's frame is on the screen: that is what a
   * person who turns a knob waits for.
   * @type {(shown: Drawn, frame: number, own: number, due: boolean) => void}
   */
  render(shown, frame, own, due) {
    const before = this.shown;
    const { films, chosen, settings, theme } = shown;
    this.shown = shown;
    this.frame = frame;
    const isSame = before?.films === films && before.chosen === chosen && before.theme === theme && !differ(before.settings, settings, ["panels", "clock", "allCurves", "talk", "curve"]);
    const write = () => this.titles.draw(chosen, own, films.length > 1 ? FILM_LETTERS[films.indexOf(chosen)] : "");
    const paint = () => {
      this.callOff = null;
      this.#paint(shown);
      write();
    };
    if (!isSame) {
      this.callOff?.();
      if (before && before.films !== films) this.callOff = afterFrame(paint);
      else paint();
    } else if (!this.callOff) {
      this.#point();
      if (due) write();
    }
  }

  destroy() {
    this.callOff?.();
    this.abort.abort();
    this.observer.disconnect();
    this.titles.destroy();
  }

  /** @type {(shown: Drawn) => void} */
  #paint({ films, lead, chosen, settings, theme }) {
    this.lead = lead;
    const { panels: set, allCurves, talk, curve } = settings;
    const chart = chartOf(films, {
      chosen, set, clock: shownClock(films, settings.clock), theme, most: allCurves ? Infinity : FEW_CURVES, only: talk ? curve : null,
    });
    this.chart = chart;
    this.#offerMore(chart.foldable, allCurves);
    this.titles.show(chart.panels.map((panel) => ({ title: panel.title, curves: curvesOf(chart, panel) })));
    this.#fit();
  }

  /** @type {(foldable: number, allCurves: boolean) => void} */
  #offerMore(foldable, allCurves) {
    const { more, host } = this;
    more.hidden = foldable === 0;
    more.textContent = allCurves ? "Fewer curves" : `${foldable} more curve${foldable > 1 ? "s" : ""}`;
    more.setAttribute("aria-expanded", String(allCurves));
    host.classList.toggle("fp-few", foldable > 0 && !allCurves);
  }

  #fit() {
    const { chart, host } = this;
    if (!chart) return;
    const [width, height] = [host.clientWidth, host.clientHeight];
    this.across = width - MARGIN.l - MARGIN.r;
    const context = contextOf(make("canvas"));
    context.font = `12px ${chart.theme.font}`;
    drawParts(this.plot, partsOf(figureOf(chart, { width, height }, (words) => context.measureText(words).width)));
    this.titles.place((height - MARGIN.b) / chart.panels.length);
    this.cursor.fit(width, Math.max(0, height - MARGIN.b), chart.theme.ink);
    this.#point();
  }

  /** Where each frame of the leading film stands. @type {() => (number | null)[]} */
  #track() {
    const { chart, lead } = this;
    return chart && lead ? trackOf(chart, lead) : [];
  }

  #point() {
    if (!this.chart) return;
    this.cursor.draw(MARGIN.l + shareOf(this.chart, this.#track()[this.frame]) * this.across);
  }

  /** The frame nearest to a place on the page. @type {(event: PointerEvent, chart: Chart) => number} */
  #frameUnder(event, { range: [low, high] }) {
    const box = this.host.getBoundingClientRect();
    const big = box.width / this.host.clientWidth; // a room's last row sees them larger
    const share = ((event.clientX - box.left) / big - MARGIN.l) / this.across;
    const wanted = low + Math.min(1, Math.max(0, share)) * (high - low);
    const off = this.#track().map((x) => (x === null ? Infinity : Math.abs(x - wanted)));
    return off.reduce((best, far, frame) => (far < off[best] ? frame : best), 0);
  }

  /** @type {(seek: (frame: number) => void) => void} */
  #listen(seek) {
    const { host } = this;
    const { signal } = this.abort;
    /** @type {(event: PointerEvent) => void} */
    const follow = (event) => { if (this.chart) seek(this.#frameUnder(event, this.chart)); };
    host.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button || within(event.target, "button, select")) return;
      host.setPointerCapture(event.pointerId);
      follow(event);
    }, { signal });
    host.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch" && host.hasPointerCapture(event.pointerId)) follow(event);
    }, { signal });
    onSwipe(host, { move: follow, tap: follow }, signal);
  }
}

/** A figure's lines and words as SVG. @type {(figure: Figure) => Part[]} */
function partsOf({ beneath, panels, words }) {
  return [
    ...beneath.map(strokePart),
    ...panels.map(({ at: [x, y], size, strokes }) => part("svg", { x, y, ...size }, strokes.map(strokePart))),
    ...words.map(({ text, at: [x, y], align, size, colour, kind }) => wordsAt(x, y, text, {
      "text-anchor": align, "dominant-baseline": "central", "font-size": size, fill: colour, "data-kind": kind,
    })),
  ];
}

/** @type {(stroke: Stroke) => Part} */
function strokePart({ points, width, colour, dash }) {
  const look = { fill: "none", stroke: colour, "stroke-width": width, "stroke-linejoin": "round" };
  return part("path", { d: pathThrough(points), ...look, ...(dash && { "stroke-dasharray": dash }) });
}

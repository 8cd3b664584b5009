// The metric curves: one Plotly figure, drawn once for each film. The line that follows the clock is the page's.

import { chartOf, curvesOf, figureOf, MARGIN, shareOf } from "./chart.js";
import { contextOf, make, onResize, within } from "./parts.js";
import { differ } from "./settings.js";
import { afterFrame } from "./ticker.js";
import { clocksOf } from "./ticks.js";
import { Titles } from "./titles.js";
import { onSwipe } from "./touch.js";

/** @import { Chart } from "./chart.js" */
/** @import { Film } from "./film.js" */
/** @import { PlotlyModule, Settings, Shown, Theme } from "./types.d.ts" */

const CONFIG = { staticPlot: true, displayModeBar: false };

/** Films on one clock, and how their curves are drawn. @typedef {Shown & { settings: Settings, theme: Theme }} Drawn */

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
   * @param {PlotlyModule} Plotly
   * @param {(frame: number) => void} seek called while a person drags along the curves
   */
  constructor(host, note, Plotly, seek) {
    this.Plotly = Plotly;
    this.host = host;
    this.plot = make("div", "fp-plot", host);
    this.cursor = make("div", "fp-cursor", host);
    this.titles = new Titles(make("div", "", host), note); // over the lines, so that none strikes a word through
    this.plot.setAttribute("aria-hidden", "true");
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
   * Moves the cursor to a frame of the leading film, and the figures beside the titles, where they are due, to the film's
   * `own`. The curves of films that take the place of others wait until the stage's frame is on the screen: that is what a
   * person who turns a knob waits for.
   * @type {(shown: Drawn, frame: number, own: number, due: boolean) => void}
   */
  render(shown, frame, own, due) {
    const before = this.shown;
    const { films, settings, theme } = shown;
    this.shown = shown;
    this.frame = frame;
    const isSame = before?.films === films && before.theme === theme && !differ(before.settings, settings, ["panels", "clock"]);
    const write = () => this.titles.draw(films[films.length - 1], own);
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
    this.Plotly.purge(this.plot);
  }

  /** @type {(shown: Drawn) => void} */
  #paint({ films, lead, settings, theme }) {
    this.lead = lead;
    const film = films[films.length - 1];
    const pinned = films.length > 1 ? films[0] : null;
    const chart = chartOf(film, pinned, { set: settings.panels, clock: shownClock(films, settings.clock), theme });
    this.chart = chart;
    this.titles.show(chart.panels.map((panel) => ({ title: panel.title, curves: curvesOf(chart, panel) })));
    this.#fit();
  }

  #fit() {
    const { chart, host } = this;
    if (!chart) return;
    const [width, height] = [host.clientWidth, host.clientHeight];
    this.across = width - MARGIN.l - MARGIN.r;
    const context = contextOf(make("canvas"));
    context.font = `12px ${chart.theme.font}`;
    const { data, layout } = figureOf(chart, { width, height }, (words) => context.measureText(words).width);
    this.Plotly.react(this.plot, data, layout, CONFIG);
    this.titles.place((height - MARGIN.b) / chart.panels.length);
    this.cursor.style.height = `${height - MARGIN.b}px`;
    this.#point();
  }

  /** Where each frame of the leading film stands. @type {() => (number | null)[]} */
  #track() {
    const { chart, lead } = this;
    if (!chart) return [];
    return lead === chart.film ? chart.x : chart.others;
  }

  #point() {
    if (!this.chart) return;
    this.cursor.style.transform = `translateX(${MARGIN.l + shareOf(this.chart, this.#track()[this.frame]) * this.across}px)`;
  }

  /** The frame nearest to a place on the page. @type {(event: PointerEvent, chart: Chart) => number} */
  #frameUnder(event, { range: [low, high] }) {
    const box = this.host.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.l) / (box.width - MARGIN.l - MARGIN.r);
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

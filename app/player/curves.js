// The metric curves: one Plotly figure drawn once for each film; a line of the page, not of the plot, follows the clock.

import { freeSpot } from "./guides.js";
import { make, onResize } from "./parts.js";
import { clocksOf, clockTicks, logBounds, positionsOf } from "./ticks.js";
import { Titles } from "./titles.js";
import { onSwipe } from "./touch.js";

const MARGIN = { l: 46, r: 16, t: 0, b: 42 }; // below: the ticks, and the choice of the clock
const TITLE_HEIGHT = 24; // a row, and the upper half of a tick's words
/** Below these a float64 curve shows its own rounding: NC1 is a ratio of squares. By the beginning of a curve's name. */
const ROUNDING = { nc1: 1e-30, nc2: 1e-15, nc3: 1e-15, gamma_gap: 1e-15, duality_gap: 1e-14, kkt: 1e-15 };
const DASHES = { features: "solid", run: "solid", classifiers: "dot" };

export class Curves {
  /** `note` shows definitions; `seek(frame)` is called while a person drags along the curves. */
  constructor(host, note, Plotly, seek) {
    this.Plotly = Plotly;
    this.set = "run";
    this.host = host;
    this.plot = make("div", "fp-plot", host);
    this.cursor = make("div", "fp-cursor", host);
    this.titles = new Titles(make("div", "", host), note); // over the lines, so that none strikes a word through
    this.plot.setAttribute("aria-hidden", "true");
    this.abort = new AbortController();
    this.observer = onResize(host, () => this.film && this.#fit());
    this.#listen(seek);
  }

  /** Draws a film's curves, a pinned film's grey beneath them; the cursor follows the frames of `lead`, one of both. */
  show(film, pinned, lead, theme) {
    Object.assign(this, { film, pinned, lead, theme });
    const { panels } = film.header;
    const set = panels.some((panel) => panel.set === this.set) ? this.set : "run";
    this.panels = panels.filter((panel) => panel.set === set && panel.curves.every((name) => film.arrays[name]));
    this.#place();
    this.titles.show(this.panels.map((panel) => ({ title: panel.title, curves: this.#curvesOf(panel) })));
    this.#fit();
  }

  /** Keeps the clock that was chosen as long as the films have it. */
  fitClock(films) {
    if (!clocksOf(films).some(({ name }) => name === this.clock)) this.clock = clocksOf(films)[0].name;
  }

  setClock(name) {
    this.clock = name;
    this.#place();
    this.#fit();
  }

  /** Moves the cursor to a frame of the leading film, and the figures beside the titles to the film's own. */
  draw(frame, own) {
    this.frame = frame;
    this.#point();
    this.titles.draw(this.film, own);
  }

  destroy() {
    this.abort.abort();
    this.observer.disconnect();
    this.titles.destroy();
    this.Plotly.purge(this.plot);
  }

  #point() {
    const share = ((this.track[this.frame] ?? this.range[0]) - this.range[0]) / (this.range[1] - this.range[0]);
    this.cursor.style.transform = `translateX(${MARGIN.l + share * (this.host.clientWidth - MARGIN.l - MARGIN.r)}px)`;
  }

  #place() {
    this.x = positionsOf(this.film, this.clock);
    this.others = this.pinned ? positionsOf(this.pinned, this.clock) : [];
    this.track = this.lead === this.film ? this.x : this.others;
    const known = [...this.x, ...this.others].filter((x) => x !== null);
    const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
    this.range = high > low ? [low, high] : [low, low + 1];
  }

  #fit() {
    const height = this.host.clientHeight;
    const layout = {
      ...this.#axes(height), height, width: this.host.clientWidth, margin: MARGIN, showlegend: false, hovermode: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: this.theme.font, size: 12, color: this.theme.soft },
      shapes: this.#eventMarks(), annotations: [...this.#guideWords(height), ...this.#emptyWords()],
    };
    this.Plotly.react(this.plot, this.#traces(), layout, { staticPlot: true, displayModeBar: false });
    const step = (height - MARGIN.b) / this.panels.length;
    this.titles.place(step);
    this.cursor.style.height = `${height - MARGIN.b}px`;
    this.#point();
  }

  #axes(height) {
    const axes = { xaxis: { ...this.#quiet(), range: this.range, anchor: axisName("y", this.panels.length - 1), ...this.#ticks() } };
    this.panels.forEach((panel, i) => {
      axes[i ? `yaxis${i + 1}` : "yaxis"] = {
        ...this.#quiet(), domain: this.#domain(i, height), nticks: 3, fixedrange: true,
        type: this.#isLog(panel) ? "log" : "linear", exponentformat: "power", showgrid: true, gridcolor: this.theme.faint,
        ...this.#bounds(panel),
      };
    });
    return axes;
  }

  /** A panel's share of the plot's height, under its title. */
  #domain(i, height) {
    const [inner, count] = [height - MARGIN.b, this.panels.length];
    return [Math.max(0, 1 - (i + 1) / count + 4 / inner), Math.max(0.001, 1 - i / count - TITLE_HEIGHT / inner)];
  }

  #quiet() {
    const tickfont = { size: 11, color: this.theme.soft };
    return { zeroline: false, showgrid: false, showline: false, ticks: "", fixedrange: true, ticklabeloverflow: "allow", tickfont };
  }

  #ticks() {
    return clockTicks(this.clock, ...this.range);
  }

  #isLog(panel) {
    return this.#curvesOf(panel)[0].scale === "log";
  }

  #curvesOf(panel) {
    return panel.curves.map((name) => this.film.curves.find((curve) => curve.name === name));
  }

  /** A range that holds every value that can be drawn: the whole of 0 to 1 for a share, 0 in sight of what has a sign. */
  #bounds(panel) {
    const values = this.#drawable(panel);
    if (values.length === 0) return { type: "linear", range: [0, 1], showticklabels: false, showgrid: false };
    if (this.#isLog(panel)) return logBounds(values);
    if (this.#curvesOf(panel)[0].scale === "signed") {
      const low = Math.min(-1e-3, ...values), high = Math.max(0, ...values), room = 0.12 * (high - low);
      return { range: [low - room, high + room] };
    }
    return { range: [Math.min(0, ...values), Math.max(1, ...values)], tickvals: [0, 1] };
  }

  #drawable(panel) {
    const films = this.pinned ? [this.film, this.pinned] : [this.film];
    return films.flatMap((film) => this.#curvesOf(panel).flatMap((curve) => plotted(film, curve)).filter((v) => v !== null));
  }

  /** What a panel draws, the pinned film's lines first. */
  #linesOf(panel) {
    const lines = (film, x, style) => this.#curvesOf(panel).filter(({ name }) => film.arrays[name]).map((curve) => ({
      x, y: plotted(film, curve), line: style(curve),
    }));
    const { pinned, film, theme } = this;
    return [
      ...(pinned ? lines(pinned, this.others, () => ({ width: 1.5, dash: "dash", color: theme.grey })) : []),
      ...lines(film, this.x, (curve) => ({ width: 2, dash: DASHES[curve.on], color: theme.accent })),
    ];
  }

  #traces() {
    return this.panels.flatMap((panel, i) => {
      const guides = this.#guidesOf(panel).map((guide) => ({
        x: guide.x_frames.map((frame) => this.x[frame]), y: guide.y, line: { width: 1.5, dash: "dash", color: this.theme.ink },
      }));
      return [...this.#linesOf(panel), ...guides].map((line) => ({
        type: "scatter", mode: "lines", yaxis: axisName("y", i), hoverinfo: "skip", ...line,
      }));
    });
  }

  #eventMarks() {
    return this.film.header.events.filter(({ frame }) => this.x[frame] !== null).map(({ frame, kind }) => ({
      type: "line", xref: "x", yref: "paper", x0: this.x[frame], x1: this.x[frame], y0: 0, y1: 1, layer: "below",
      line: { width: 1, color: kind === "diverged" ? this.theme.alarm : this.theme.grey, dash: kind === "note" ? "dot" : "solid" },
    }));
  }

  /** The words of each panel's first guide, where no curve passes. */
  #guideWords(height) {
    return this.panels.flatMap((panel, i) => this.#guidesOf(panel).slice(0, 1).flatMap((guide) => {
      const [bottom, top] = this.#domain(i, height);
      const room = [this.host.clientWidth - MARGIN.l - MARGIN.r, (top - bottom) * (height - MARGIN.b)];
      const [low, high] = this.#bounds(panel).range;
      const scale = this.#isLog(panel) ? Math.log10 : (y) => y;
      const pixels = (xs, ys) => xs.map((x, at) => (x === null || ys[at] === null ? null : [
        ((x - this.range[0]) / (this.range[1] - this.range[0])) * room[0], ((high - scale(ys[at])) / (high - low)) * room[1],
      ]));
      const line = pixels(guide.x_frames.map((frame) => this.x[frame]), guide.y);
      const spot = freeSpot([line, ...this.#linesOf(panel).map(({ x, y }) => pixels(x, y))], line.filter(Boolean), this.#sizeOf(guide.label), room);
      if (!spot) return [];
      return [{
        text: guide.label, x: this.range[0] + (spot[0] / room[0]) * (this.range[1] - this.range[0]), y: high - (spot[1] / room[1]) * (high - low),
        yref: axisName("y", i), showarrow: false, xanchor: "center", yanchor: "middle", font: { size: 12, color: this.theme.ink },
      }];
    }));
  }

  /** Width and height of words, in pixels. */
  #sizeOf(words) {
    const context = make("canvas").getContext("2d");
    context.font = `12px ${this.theme.font}`;
    return [context.measureText(words).width, 12];
  }

  /** Why a panel has no line. */
  #emptyWords() {
    return this.panels.flatMap((panel, i) => {
      if (this.#drawable(panel).length) return [];
      const known = panel.curves.flatMap((name) => [...this.film.arrays[name]].filter(Number.isFinite));
      const text = known.length === 0 ? "not defined here" : known.some(Boolean) ? "nothing but rounding" : "0 all the time";
      const place = { xref: "paper", x: 0.5, yref: `${axisName("y", i)} domain`, y: 0.5, showarrow: false };
      return [{ ...place, text, font: { size: 12, color: this.theme.soft } }];
    });
  }

  #guidesOf(panel) {
    return this.film.header.guides.filter(({ curve }) => panel.curves.includes(curve));
  }

  #listen(seek) {
    const frameUnder = (event) => {
      const box = this.host.getBoundingClientRect();
      const share = (event.clientX - box.left - MARGIN.l) / (box.width - MARGIN.l - MARGIN.r);
      const wanted = this.range[0] + Math.min(1, Math.max(0, share)) * (this.range[1] - this.range[0]);
      const off = (x) => (x === null ? Infinity : Math.abs(x - wanted));
      return this.track.reduce((best, x, i) => (off(x) < off(this.track[best]) ? i : best), 0);
    };
    const { host } = this;
    const { signal } = this.abort;
    const follow = (event) => this.film && seek(frameUnder(event));
    host.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button || event.target.closest("button, select")) return;
      host.setPointerCapture(event.pointerId);
      follow(event);
    }, { signal });
    host.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch" && host.hasPointerCapture(event.pointerId)) follow(event);
    }, { signal });
    onSwipe(host, { move: follow, tap: follow }, signal);
  }
}

/**
 * A curve's values as they can be drawn, none where a film has no such curve: null where undefined, and on a log axis
 * where nothing but rounding is left.
 */
function plotted(film, curve) {
  const known = Object.keys(ROUNDING).find((beginning) => curve.name.startsWith(beginning));
  const least = curve.scale === "log" ? (ROUNDING[known] ?? Number.MIN_VALUE) : -Infinity;
  return Array.from(film.arrays[curve.name] ?? [], (v) => (Number.isFinite(v) && v >= least ? v : null));
}

function axisName(letter, i) {
  return i ? `${letter}${i + 1}` : letter;
}

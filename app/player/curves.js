// The metric curves: one Plotly figure drawn once for each film; a line of the page, not of the plot, follows the clock.

const CLOCKS = [
  { name: "log-step", label: "step, log", by: "step" },
  { name: "step", label: "step", by: "step" },
  { name: "log-log-time", label: "time t, log log", by: "log_time" },
  { name: "log-time", label: "time t, log", by: "both" },
];
/** The log log axis begins at log t = 0.1: t = 1 itself lies infinitely far to the left. */
const FIRST_LOG_TIME = 0.1;
const MARGIN = { l: 46, r: 10, t: 0, b: 34 };
const TITLE_HEIGHT = 21;
/** Below these a float64 curve shows its own rounding: NC1 is a ratio of squares. By the beginning of a curve's name. */
const ROUNDING = { nc1: 1e-30, nc2: 1e-15, nc3: 1e-15, gamma_gap: 1e-15, duality_gap: 1e-14, kkt: 1e-15 };
const DASHES = { features: "solid", run: "solid", classifiers: "dot" };

class Curves {
  /** `seek(frame)` is called while a person drags along the curves. */
  constructor(host, Plotly, seek) {
    this.Plotly = Plotly;
    this.set = "run";
    this.host = host;
    this.plot = make("div", "fp-plot", host);
    this.titles = make("div", "fp-titles", host);
    this.cursor = make("div", "fp-cursor", host);
    this.plot.setAttribute("aria-hidden", "true");
    this.observer = onResize(host, () => this.film && this.#fit());
    this.#listen(seek);
  }

  /** Draws a film's curves, a pinned film's grey beneath them. */
  show(film, pinned, theme) {
    Object.assign(this, { film, pinned, theme });
    const { panels } = film.header;
    const set = panels.some((panel) => panel.set === this.set) ? this.set : "run";
    this.panels = panels.filter((panel) => panel.set === set && panel.curves.every((name) => film.arrays[name]));
    this.x = this.#positions(film);
    this.#drawTitles();
    this.#fit();
  }

  /** Keeps the clock that was chosen as long as a film has it. */
  fitClock(film) {
    if (!clocksOf(film).some(({ name }) => name === this.clock)) this.clock = clocksOf(film)[0].name;
  }

  setClock(name) {
    this.clock = name;
    this.show(this.film, this.pinned, this.theme);
  }

  /** Moves the cursor and the figures beside the titles to a frame. */
  draw(frame) {
    const at = this.x[frame] ?? this.range[0];
    const share = (at - this.range[0]) / (this.range[1] - this.range[0]);
    this.cursor.style.transform = `translateX(${MARGIN.l + share * (this.host.clientWidth - MARGIN.l - MARGIN.r)}px)`;
    this.values.forEach(({ element, curve }) => { element.textContent = figure(this.film.arrays[curve][frame]); });
  }

  destroy() {
    this.observer.disconnect();
    this.Plotly.purge(this.plot);
  }

  /** Where each frame stands on the horizontal axis; null where the logarithm of time is not finite. */
  #positions(film) {
    if (this.clock === "step") return film.clock.step;
    if (this.clock === "log-step") return film.clock.step.map((step) => Math.log10(step + 1));
    if (this.clock === "log-log-time") return film.clock.log_time.map((value) => (value >= FIRST_LOG_TIME ? Math.log10(value) : null));
    return film.clock.log_time.map((value) => (value === null ? null : value / Math.LN10));
  }

  #fit() {
    const height = this.host.clientHeight;
    const known = this.x.filter((x) => x !== null);
    const others = this.pinned ? this.#positions(this.pinned).filter((x) => x !== null) : [];
    const [low, high] = [Math.min(...known, ...others), Math.max(...known, ...others)];
    this.range = high > low ? [low, high] : [low, low + 1];
    const layout = {
      ...this.#axes(height), height, width: this.host.clientWidth, margin: MARGIN, showlegend: false, hovermode: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: this.theme.font, size: 12, color: this.theme.soft },
      shapes: this.#eventMarks(), annotations: this.#guideWords(),
    };
    this.Plotly.react(this.plot, this.#traces(), layout, { staticPlot: true, displayModeBar: false });
    const step = (height - MARGIN.b) / this.panels.length;
    [...this.titles.children].forEach((title, i) => { title.style.top = `${i * step}px`; });
    this.cursor.style.height = `${height - MARGIN.b}px`;
  }

  #axes(height) {
    const inner = height - MARGIN.b;
    const count = this.panels.length;
    const axes = { xaxis: { ...this.#quiet(), range: this.range, anchor: axisName("y", count - 1), ...this.#ticks() } };
    this.panels.forEach((panel, i) => {
      const top = 1 - i / count - TITLE_HEIGHT / inner;
      axes[i ? `yaxis${i + 1}` : "yaxis"] = {
        ...this.#quiet(), domain: [Math.max(0, 1 - (i + 1) / count + 4 / inner), top], nticks: 3, fixedrange: true,
        type: this.#isLog(panel) ? "log" : "linear", exponentformat: "power", showgrid: true, gridcolor: this.theme.faint,
        ...this.#bounds(panel),
      };
    });
    return axes;
  }

  #quiet() {
    return { zeroline: false, showgrid: false, showline: false, ticks: "", fixedrange: true, tickfont: { size: 11, color: this.theme.soft } };
  }

  #ticks() {
    const label = { text: CLOCKS.find((clock) => clock.name === this.clock).label, font: { size: 12 }, standoff: 2 };
    if (this.clock === "step") return { nticks: 4, title: label, tickformat: "~s" };
    const [low, high] = this.range;
    const every = Math.max(1, Math.ceil((high - low) / 6));
    const first = Math.ceil(low / every) * every;
    const powers = Array.from({ length: Math.max(0, Math.floor((high - first) / every) + 1) }, (_, i) => first + i * every);
    if (this.clock === "log-log-time") return { title: label, tickvals: powers, ticktext: powers.map(eToThe) };
    const steps = this.clock === "log-step";
    return {
      title: label, tickvals: steps ? [0, ...powers.filter((p) => p > 0).map((p) => Math.log10(10 ** p + 1))] : powers,
      ticktext: steps ? ["0", ...powers.filter((p) => p > 0).map(tenTo)] : powers.map(tenTo),
    };
  }

  #isLog(panel) {
    return this.#curvesOf(panel)[0].scale === "log";
  }

  #curvesOf(panel) {
    return panel.curves.map((name) => this.film.curves.find((curve) => curve.name === name));
  }

  /** A range that holds every finite value of the panel: at least a decade, or the whole of 0 to 1 for a share. */
  #bounds(panel) {
    const log = this.#isLog(panel);
    const films = this.pinned ? [this.film, this.pinned] : [this.film];
    const values = films.flatMap((film) => this.#curvesOf(panel).flatMap((curve) => plotted(film, curve)).filter((v) => v !== null));
    if (values.length === 0) return { range: [0, 1] };
    let [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    if (!log) return { range: [Math.min(0, low), Math.max(1, high)], tickvals: [0, 1] };
    [low, high] = [Math.log10(low), Math.log10(high)];
    const pad = Math.max(0.08, 0.06 * (high - low), (0.7 - (high - low)) / 2);
    const every = Math.max(1, Math.ceil((high - low + 2 * pad) / 3));
    const first = Math.ceil((low - pad) / every) * every;
    const powers = Array.from({ length: Math.floor((high + pad - first) / every) + 1 }, (_, i) => first + i * every);
    return { range: [low - pad, high + pad], tickvals: powers.map((p) => 10 ** p), ticktext: powers.map(tenTo) };
  }

  #traces() {
    const traces = [];
    this.panels.forEach((panel, i) => {
      const line = (film, curve, style) => traces.push({
        type: "scatter", mode: "lines", x: film === this.film ? this.x : this.#positions(film), y: plotted(film, curve),
        yaxis: axisName("y", i), line: style, hoverinfo: "skip",
      });
      for (const curve of this.#curvesOf(panel)) {
        if (this.pinned?.arrays[curve.name]) line(this.pinned, curve, { width: 1.5, dash: "dash", color: this.theme.grey });
      }
      for (const curve of this.#curvesOf(panel)) line(this.film, curve, { width: 2, dash: DASHES[curve.on], color: this.theme.accent });
      for (const guide of this.#guidesOf(panel)) {
        traces.push({
          type: "scatter", mode: "lines", x: guide.x_frames.map((frame) => this.x[frame]), y: guide.y, yaxis: axisName("y", i),
          line: { width: 1.5, dash: "dash", color: this.theme.ink }, hoverinfo: "skip",
        });
      }
    });
    return traces;
  }

  #eventMarks() {
    return this.film.header.events.filter(({ frame }) => this.x[frame] !== null).map(({ frame, kind }) => ({
      type: "line", xref: "x", yref: "paper", x0: this.x[frame], x1: this.x[frame], y0: 0, y1: 1, layer: "below",
      line: { width: 1, color: kind === "diverged" ? this.theme.alarm : this.theme.grey, dash: kind === "note" ? "dot" : "solid" },
    }));
  }

  #guideWords() {
    return this.panels.flatMap((panel, i) => this.#guidesOf(panel).slice(0, 1).map((guide) => ({
      text: guide.label, x: this.x[guide.x_frames[0]], y: Math.log10(guide.y[0]), yref: axisName("y", i), showarrow: false,
      xanchor: "left", yanchor: "bottom", font: { size: 12, color: this.theme.ink },
    })));
  }

  #guidesOf(panel) {
    return this.film.header.guides.filter(({ curve }) => panel.curves.includes(curve));
  }

  #drawTitles() {
    this.titles.replaceChildren();
    this.values = [];
    for (const panel of this.panels) {
      const curves = this.#curvesOf(panel);
      const row = make("div", "fp-title", this.titles);
      const definition = curves.map((curve) => `${curve.label}: ${curve.definition}`).join("\n");
      const name = make("button", "fp-name", row, panel.title);
      Object.assign(name, { type: "button", title: definition });
      const note = make("p", "fp-note", row, definition);
      note.hidden = true;
      name.setAttribute("aria-expanded", "false");
      name.addEventListener("click", () => {
        note.hidden = !note.hidden;
        name.setAttribute("aria-expanded", String(!note.hidden));
      });
      for (const curve of curves) {
        const value = make("span", `fp-value fp-${curve.on}`, row);
        if (curves.length > 1) make("span", "fp-which", value, curve.label);
        this.values.push({ element: make("span", "fp-figure", value), curve: curve.name });
      }
    }
  }

  #listen(seek) {
    const frameUnder = (event) => {
      const box = this.host.getBoundingClientRect();
      const share = (event.clientX - box.left - MARGIN.l) / (box.width - MARGIN.l - MARGIN.r);
      const wanted = this.range[0] + Math.min(1, Math.max(0, share)) * (this.range[1] - this.range[0]);
      return this.x.reduce((best, x, i) => (x !== null && Math.abs(x - wanted) < Math.abs((this.x[best] ?? Infinity) - wanted) ? i : best), 0);
    };
    this.host.addEventListener("pointerdown", (event) => {
      if (!this.film || event.button || event.target.closest("button, p")) return;
      this.host.setPointerCapture(event.pointerId);
      seek(frameUnder(event));
    });
    this.host.addEventListener("pointermove", (event) => {
      if (this.film && this.host.hasPointerCapture(event.pointerId)) seek(frameUnder(event));
    });
  }
}

/** A curve's values as they can be drawn: null where undefined, and on a log axis where nothing but rounding is left. */
function plotted(film, curve) {
  const known = Object.keys(ROUNDING).find((beginning) => curve.name.startsWith(beginning));
  const least = curve.scale === "log" ? (ROUNDING[known] ?? Number.MIN_VALUE) : -Infinity;
  return Array.from(film.arrays[curve.name], (v) => (Number.isFinite(v) && v >= least ? v : null));
}

/** The clocks on which a film's curves can be drawn, the usual one first. */
function clocksOf(film) {
  return CLOCKS.filter(({ by }) => by === film.clock.by || by === "both");
}

function axisName(letter, i) {
  return i ? `${letter}${i + 1}` : letter;
}

/** e to the power 10^exponent. */
function eToThe(exponent) {
  const power = 10 ** exponent;
  return exponent === 0 ? "e" : `e<sup>${exponent > 3 ? tenTo(exponent) : Number(power.toPrecision(3))}</sup>`;
}

function tenTo(exponent) {
  return exponent >= 0 && exponent < 4 ? (10 ** exponent).toLocaleString("en") : `10${power(exponent)}`;
}

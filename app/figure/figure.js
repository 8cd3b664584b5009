// Draws one Plotly figure, given as plain data, in the page's colours; Streamlit hands new data to the same element.

import { lacksWebgl, onLostScene } from "../player/insides.js";
import { Losses } from "../player/losses.js";
import { loadPlotly } from "../player/plotly.js";
import { onPageColours } from "../player/repainted.js";

/** @import { Plot, PlotlyModule } from "../player/types.d.ts" */

/**
 * What Streamlit hands in; `figure` is Plotly's own JSON.
 * @typedef {{ figure: string, plotly: string, label: string, height: number }} FigureData
 * @typedef {Record<string, string>} Theme
 */

const COLOURS = ["text", "muted", "ground", "accent", "faint"];
const COLOUR = /^@([a-z]+)(?:\/([\d.]+))?$/;
const NARROW = 480; // as the player's
const NO_WEBGL = "This browser gives no WebGL, which this surface needs. Turn on its graphics acceleration, or open the page in another browser.";
const LOST = "The graphics card dropped this picture again and again. Reload the page to try once more.";
const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false };
/** @type {WeakMap<Element, Figure>} */
const figures = new WeakMap();

class Figure {
  /** @param {HTMLElement} root */
  constructor(root) {
    const [plot, words] = /** @type {HTMLElement[]} */ ([...root.children]);
    this.root = root;
    this.plot = /** @type {Plot} */ (plot);
    this.words = words;
    /** @type {FigureData | null} */
    this.data = null;
    /** @type {(value: unknown) => void} */
    this.pick = () => {};
    /** @type {PlotlyModule | null} */
    this.Plotly = null;
    /** What is on screen: data, colours and size. */
    this.drawn = "";
    /** @type {Promise<unknown>} */
    this.painted = Promise.resolve();
    /** Where a surface was seen from when it was lost. @type {unknown} */
    this.camera = null;
    this.losses = new Losses();
    this.renewing = false;
    this.blank = false;
    this.plot.setAttribute("role", "img");
    this.abort = new AbortController();
    const { signal } = this.abort;
    // Plotly's scenes swallow the wheel even where it turns nothing: the page is to scroll.
    this.plot.addEventListener("wheel", (event) => event.stopPropagation(), { capture: true, passive: true, signal });
    onPageColours(() => this.draw(), signal);
    this.measure = new ResizeObserver(() => this.draw());
    this.measure.observe(root);
  }

  /** @type {(data: FigureData, pick: (value: unknown) => void) => Promise<void>} */
  async show(data, pick) {
    this.data = data;
    this.pick = pick;
    this.root.style.height = `${data.height}px`;
    this.plot.setAttribute("aria-label", data.label);
    try {
      this.Plotly = await loadPlotly(data.plotly);
    } catch (error) {
      this.words.textContent = error instanceof Error ? error.message : String(error);
    }
    this.draw();
  }

  /** Draws the newest data, unless what is on screen is just that: same data, same colours, same size. */
  draw() {
    const { root, plot, data, Plotly } = this;
    if (!Plotly || !data || !root.clientWidth || this.blank) return; // 0: taken off the page
    const size = { width: root.clientWidth, height: data.height };
    const theme = themeOf(root);
    const now = JSON.stringify([theme, size, data.figure]);
    if (now === this.drawn) return;
    const isFirst = !this.drawn;
    this.drawn = now;
    const spec = JSON.parse(data.figure, (_, value) => painted(value, theme));
    const layout = layoutOf(spec, theme, size);
    if (isFirst && this.camera) layout.scene.camera = this.camera;
    this.painted = Plotly.react(plot, spec.data, layout, CONFIG).catch(() => {});
    if (lacksWebgl(plot)) {
      this.#giveUp(NO_WEBGL);
      return;
    }
    onLostScene(plot, "scene", () => this.#lost());
    if (!isFirst) return;
    this.words.hidden = true;
    root.dataset.drawn = "true";
    plot.on("plotly_webglcontextlost", () => this.#lost());
    plot.on("plotly_hover", ({ points }) => root.classList.toggle("cf-pickable", points[0].customdata !== undefined));
    plot.on("plotly_unhover", () => root.classList.remove("cf-pickable"));
    plot.on("plotly_click", ({ points: [{ customdata }] }) => { if (customdata !== undefined) this.pick(customdata); });
  }

  /** Draws a surface anew from where it was seen, once for each time that the graphics card has dropped it. */
  #lost() {
    if (this.renewing) return;
    this.renewing = true;
    setTimeout(() => { // not while Plotly still hears of it
      this.renewing = false;
      if (!this.root.isConnected) return;
      if (this.losses.add()) {
        this.#giveUp(LOST);
        return;
      }
      this.camera = this.plot.layout.scene.camera;
      this.Plotly?.purge(this.plot);
      this.drawn = "";
      this.draw();
    });
  }

  /** Says why nothing is drawn here. @type {(words: string) => void} */
  #giveUp(words) {
    this.blank = true;
    this.painted.then(() => this.Plotly?.purge(this.plot)); // not while Plotly is at it
    this.words.textContent = words;
    this.words.hidden = false;
    delete this.root.dataset.drawn;
  }

  destroy() {
    this.abort.abort();
    this.measure.disconnect();
    this.Plotly?.purge(this.plot);
  }
}

/** What every figure shares; a person's camera is kept, because `uirevision` stays the same. @type {(spec: any, theme: Theme, size: { width: number, height: number }) => any} */
export function layoutOf({ layout, narrow }, { font, text, muted, ground }, size) {
  const clear = "rgba(0,0,0,0)";
  return {
    showlegend: false, uirevision: "kept", dragmode: false, hovermode: "closest", paper_bgcolor: clear, plot_bgcolor: clear,
    font: { family: font, size: 14, color: muted },
    hoverlabel: { bgcolor: ground, bordercolor: muted, font: { family: font, size: 14, color: text } },
    ...layout, ...(size.width < NARROW ? narrow : {}), ...size,
  };
}

/** The page's colour for a name such as "@text" or "@accent/0.3"; anything else as it is. @type {(value: any, theme: Theme) => any} */
export function painted(value, theme) {
  const [, name, share] = (typeof value === "string" && COLOUR.exec(value)) || [];
  if (!theme[name]) return value;
  return share ? theme[name].replace(/rgba?\((\d+, \d+, \d+).*/, `rgba($1, ${share})`) : theme[name];
}

/** The page's colours and font, as its style sheet has them for light or dark. @type {(root: Element) => Theme} */
function themeOf(root) {
  const probe = document.createElement("i");
  root.append(probe);
  const resolved = COLOURS.map((name) => {
    probe.style.color = `var(--cf-${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return { ...Object.fromEntries(resolved), font: getComputedStyle(root).fontFamily };
}

/**
 * Shows the newest data on a component's element.
 * @param {{ parentElement: HTMLElement, data: FigureData, setTriggerValue: (name: string, value: unknown) => void }} component
 * @returns {() => void}
 */
export default function mountFigure({ parentElement, data, setTriggerValue }) {
  const figure = figures.get(parentElement) ?? new Figure(/** @type {HTMLElement} */ (parentElement.querySelector(".cf")));
  figures.set(parentElement, figure);
  figure.show(data, (value) => setTriggerValue("picked", value));
  return () => setTimeout(() => {
    if (figure.root.isConnected) return; // called between two payloads as well: only leaving the page ends a figure
    figure.destroy();
    figures.delete(parentElement);
  });
}

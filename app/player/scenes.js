// Draws the stage with Plotly, that is with a graphics card: one scene for each film.

import { HALF_RANGE } from "./camera.js";
import { isLost, lacksWebgl, moveTrace, onLostScene, settleScene, wakeScene } from "./insides.js";

/** @import { Hands, Pen, Plot, PlotlyModule, Points, Side, Trace } from "./types.d.ts" */

const SCENE_CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };

/** @implements {Pen} */
export class Scenes {
  /**
   * @param {HTMLElement} host
   * @param {PlotlyModule} Plotly
   * @param {Hands} on
   */
  constructor(host, Plotly, on) {
    this.host = /** @type {Plot} */ (host);
    this.Plotly = Plotly;
    this.on = on;
    /** @type {Side[]} */
    this.sides = [];
    this.shown = false;
    this.painting = false;
    /** All of the last painting but where its points were. */
    this.painted = "";
    this.gone = false;
    this.looks = 0;
  }

  /**
   * Paints anew, unless nothing but points differs from what is painted: a turned knob often moves points alone, which the
   * stage does after this, and Plotly would make all of the figure again.
   * @type {(traces: Trace[], sides: Side[]) => boolean}
   */
  show(traces, sides) {
    const painted = JSON.stringify(traces.map(({ x, y: _y, z: _z, ...look }) => [x.length, look]));
    const stays = this.shown && painted === this.painted && JSON.stringify(sides) === JSON.stringify(this.sides);
    if (stays) return true;
    this.sides = sides;
    this.painted = painted;
    const escaped = traces.map((trace) => (trace.text ? { ...trace, text: trace.text.map(plain) } : trace));
    const settled = () => {
      this.painting = false;
      if (this.gone) this.destroy();
    };
    this.painting = true;
    this.#wake();
    try {
      this.Plotly.react(this.host, escaped, this.#layout(), SCENE_CONFIG).then(settled, settled);
    } catch (error) {
      this.painting = false;
      if (isLost(this.host)) return false;
      throw error;
    }
    if (lacksWebgl(this.host)) return false;
    sides.forEach((_, side) => onLostScene(this.host, sceneName(side), () => this.on.lost()));
    this.#settle();
    if (!this.shown) this.#listen();
    return true;
  }

  /**
   * Turns every scene to its camera; `change` goes along.
   * @type {(sides: Side[], change?: Record<string, unknown>) => void}
   */
  look(sides, change = {}) {
    this.sides = sides;
    const cameras = sides.map(({ camera }, side) => [cameraOf(side), camera]);
    const resized = Object.keys(change).length > 0;
    const places = resized ? sides.map(({ domain }, side) => [`${sceneName(side)}.domain`, domain]) : [];
    const looked = () => {
      this.looks -= 1;
      if (!this.looks && !this.gone) this.#settle();
    };
    this.looks += 1;
    if (resized) this.#wake();
    this.Plotly.relayout(this.host, { ...change, ...Object.fromEntries([...cameras, ...places]) }).then(looked, looked);
  }

  /** @type {(index: number, points: Points) => void} */
  move(index, points) {
    moveTrace(this.Plotly, this.host, index, points);
  }

  /** Plotly draws by itself what has moved. */
  flush() {}

  /** Leaves the host to others, once Plotly has finished what it is at. */
  destroy() {
    this.gone = true;
    if (!this.painting) this.Plotly.purge(this.host);
  }

  /** Before Plotly's public ways. */
  #wake() {
    this.sides.forEach((_, side) => wakeScene(this.host, sceneName(side)));
  }

  /** After them. */
  #settle() {
    this.sides.forEach((_, side) => settleScene(this.host, sceneName(side)));
  }

  #listen() {
    this.shown = true;
    this.host.on("plotly_relayouting", (change) => this.on.turning(this.sides.map((_, side) => change[cameraOf(side)])));
    this.host.on("plotly_relayout", (change) => {
      if (this.looks) return; // our own doing
      const side = this.sides.findIndex((_, i) => change[cameraOf(i)]);
      if (side >= 0) this.on.turned(side, change[cameraOf(side)]);
    });
    this.host.on("plotly_webglcontextlost", () => this.on.lost());
  }

  #layout() {
    const axis = { range: [-HALF_RANGE, HALF_RANGE], visible: false, autorange: false, showspikes: false };
    const margin = { l: 0, r: 0, t: 0, b: 0 };
    const scenes = this.sides.map(({ camera, flat, domain }, side) => [sceneName(side), {
      domain, aspectmode: "cube",
      dragmode: flat ? false : "turntable", xaxis: axis, yaxis: axis, zaxis: axis, camera, uirevision: "kept", hovermode: false,
    }]);
    const paper = { margin, paper_bgcolor: "rgba(0,0,0,0)", uirevision: "kept", hovermode: false, autosize: true };
    return { ...paper, ...Object.fromEntries(scenes) };
  }
}

/** Text that Plotly shows as it is: it reads tags and entities. @type {(text: string) => string} */
function plain(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

/** @type {(side: number) => string} */
export function sceneName(side) {
  return side ? `scene${side + 1}` : "scene";
}

/** @type {(side: number) => string} */
function cameraOf(side) {
  return `${sceneName(side)}.camera`;
}

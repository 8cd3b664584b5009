// Plotly's scenes, one for each film: the stage as a graphics card draws it.

import { HALF_RANGE } from "./camera.js";

const SCENE_CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false };

export class Scenes {
  /** Tells `on.turning(cameras)` and `on.turned(side, camera)` of a person's hand, `on.lost()` of a drawing that is gone. */
  constructor(host, Plotly, on) {
    Object.assign(this, { host, Plotly, on, shown: false, looks: 0 });
  }

  /**
   * Draws everything anew; `views` has camera, flatness and size of each film's side.
   * @throws {Error} where the browser gives no WebGL
   */
  show(traces, views) {
    this.views = views;
    const escaped = traces.map((trace) => (trace.text ? { ...trace, text: trace.text.map(plain) } : trace));
    const settled = () => {
      this.painting = false;
      if (this.gone) this.destroy();
    };
    this.painting = true;
    this.Plotly.react(this.host, escaped, this.#layout(), SCENE_CONFIG).then(settled, settled);
    if (this.host.querySelector(".no-webgl")) throw new Error("no WebGL");
    views.forEach((_, side) => {
      const scene = this.host._fullLayout[sceneName(side)]._scene;
      if (scene) scene.recoverContext = () => this.on.lost(); // its own way waits for a context that never comes back
    });
    if (this.shown) return;
    this.shown = true;
    this.host.on("plotly_relayouting", (change) => this.on.turning(views.map((_, side) => change[cameraOf(side)])));
    this.host.on("plotly_relayout", (change) => {
      if (this.looks) return; // our own doing
      const side = this.views.findIndex((_, i) => change[cameraOf(i)]);
      if (side >= 0) this.on.turned(side, change[cameraOf(side)]);
    });
    this.host.on("plotly_webglcontextlost", () => this.on.lost());
  }

  /** Turns every scene to its camera; `change` goes along. */
  look(views, change = {}) {
    this.views = views;
    const cameras = views.map(({ camera }, side) => [cameraOf(side), camera]);
    const looked = () => { this.looks -= 1; };
    this.looks += 1;
    this.Plotly.relayout(this.host, { ...change, ...Object.fromEntries(cameras) }).then(looked, looked);
  }

  /**
   * Gives one trace new coordinates. Plotly's own way re-reads the whole figure, five times as slow; the scene's
   * trace objects take new data directly. Where a future Plotly has none, the slow way still draws.
   */
  move(index, [x, y, z]) {
    const full = this.host._fullData[index];
    const drawn = this.host._fullLayout?.[full.scene]?._scene?.traces?.[full.uid];
    Object.assign(this.host.data[index], { x, y, z });
    if (drawn?.update) {
      Object.assign(full, { x, y, z, _length: x.length });
      drawn.update(full);
    } else {
      this.Plotly.restyle(this.host, { x: [x], y: [y], z: [z] }, [index]);
    }
  }

  /** Plotly draws by itself what has moved. */
  flush() {}

  /** Leaves the host to others, once Plotly has finished what it is at. */
  destroy() {
    this.gone = true;
    if (!this.painting) this.Plotly.purge(this.host);
  }

  #layout() {
    const axis = { range: [-HALF_RANGE, HALF_RANGE], visible: false, autorange: false, showspikes: false };
    const margin = { l: 0, r: 0, t: 0, b: 0 };
    const layout = { margin, paper_bgcolor: "rgba(0,0,0,0)", uirevision: "kept", hovermode: false, autosize: true };
    this.views.forEach(({ camera, flat }, side) => {
      layout[sceneName(side)] = {
        domain: { x: [side / this.views.length, (side + 1) / this.views.length], y: [0, 1] }, aspectmode: "cube",
        dragmode: flat ? false : "turntable", xaxis: axis, yaxis: axis, zaxis: axis, camera, uirevision: "kept", hovermode: false,
      };
    });
    return layout;
  }
}

/** Text that Plotly shows as it is: it reads tags and entities. */
function plain(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

export function sceneName(side) {
  return side ? "scene2" : "scene";
}

function cameraOf(side) {
  return `${sceneName(side)}.camera`;
}

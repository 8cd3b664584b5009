// Uses parts of Plotly that it does not promise to keep; no other module does. Each function here has a way round them.

/** @import { Plot, PlotlyModule, Points } from "./types.d.ts" */

/**
 * What Plotly keeps in an element: scenes drawn by a graphics card, and the traces in them.
 * @typedef {{ traces?: Record<string, { update?: (trace: object) => void }>, recoverContext?: () => void }} Scene
 * @typedef {{ uid: string, scene: string }} FullTrace
 * @typedef {Plot & { _fullLayout?: Record<string, { _scene?: Scene }>, _fullData?: FullTrace[] }} Inside
 */

/**
 * The scene of a name such as "scene2"; undefined where this Plotly keeps none.
 * @type {(plot: Inside, name: string) => Scene | undefined}
 */
function sceneOf(plot, name) {
  return plot._fullLayout?.[name]?._scene;
}

/**
 * Gives a trace new coordinates. Plotly's public way reads the whole figure again, five times as slow; the objects that
 * draw a scene's traces take new data directly. Where a future Plotly has none, the public way draws.
 * @type {(Plotly: PlotlyModule, plot: Inside, index: number, points: Points) => void}
 */
export function moveTrace(Plotly, plot, index, [x, y, z]) {
  const full = plot._fullData?.[index];
  const drawn = full && sceneOf(plot, full.scene)?.traces?.[full.uid];
  Object.assign(plot.data[index], { x, y, z });
  if (!full || !drawn?.update) {
    Plotly.restyle(plot, { x: [x], y: [y], z: [z] }, [index]);
    return;
  }
  try {
    drawn.update(Object.assign(full, { x, y, z, _length: x.length }));
  } catch (error) {
    if (!isLost(plot)) throw error; // what was lost is drawn anew as soon as the browser tells of it
  }
}

/**
 * Calls `lost` where the graphics card has dropped a scene. Plotly's own way then waits for a context that never comes
 * back; a Plotly that has no such way tells of the loss by an event alone.
 * @type {(plot: Inside, name: string, lost: () => void) => void}
 */
export function onLostScene(plot, name, lost) {
  const scene = sceneOf(plot, name);
  if (scene) scene.recoverContext = lost;
}

/** Whether Plotly found no WebGL. @type {(plot: HTMLElement) => boolean} */
export function lacksWebgl(plot) {
  return plot.querySelector(".no-webgl") !== null;
}

/**
 * Whether the graphics card has dropped a scene: Plotly then throws wherever it meets that.
 * @type {(plot: HTMLElement) => boolean}
 */
export function isLost(plot) {
  return [...plot.querySelectorAll("canvas")].some((canvas) => canvas.getContext("webgl")?.isContextLost());
}

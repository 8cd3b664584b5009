// Uses parts of Plotly that it does not promise to keep; no other module does. Each function here has a way round them.

/** @import { Plot, PlotlyModule, Points } from "./types.d.ts" */

/**
 * What Plotly keeps in an element: scenes, their traces, what draws a trace (lines, marks, or words, which are marks too),
 * and the card that draws a scene.
 * @typedef {{ update(values: ArrayLike<number>, offset?: number): void }} Buffer
 * @typedef {{
 *   buffer?: Buffer, pointBuffer?: Buffer, vertexCount: number, lineVertexCount?: number, lineWidth: number, dirty: boolean, pickSlots: number,
 * }} Mark
 * @typedef {{
 *   update?: (trace: object) => void, linePlot?: Mark | null, scatterPlot?: Mark | null, textMarkers?: Mark | null,
 * }} Drawn
 * @typedef {{
 *   objects: Mark[], onrender: (() => void) | null, autoResize: boolean, axes?: { enable: boolean, update?: () => void }, add(mark: Mark): void, remove(mark: Mark): void,
 * }} Card
 * @typedef {{
 *   traces?: Record<string, Drawn>, recoverContext?: () => void, render?: () => void, glplot?: Card, dataScale?: number[],
 * }} Scene
 * @typedef {{ uid: string, scene: string }} FullTrace
 * @typedef {Plot & { _fullLayout?: Record<string, { _scene?: Scene }>, _fullData?: FullTrace[] }} Inside
 */

/**
 * The vertices that draw a trace: the places in `values` where coordinates stand, and of which point each has them. All
 * else in `values` is colours and widths, which stay when points move. `gaps` says which points are none.
 * @typedef {{ mark: Mark, buffer: Buffer, values: Float32Array, places: Uint32Array, points: Uint32Array, gaps: boolean[] }} Vertices
 */

/** How many numbers a vertex has, and where among them coordinates are: a line's vertex has those of the next one too. */
const OF_MARKS = { size: 3, at: [0] }, OF_LINES = { size: 12, at: [0, 3] };

/** What is known of traces since they were painted; null where one does not tell. @type {WeakMap<Drawn, Vertices | null>} */
const known = new WeakMap();

/**
 * The scene of a name such as "scene2"; undefined where this Plotly keeps none.
 * @type {(plot: Inside, name: string) => Scene | undefined}
 */
function sceneOf(plot, name) {
  return plot._fullLayout?.[name]?._scene;
}

/**
 * Gives a trace new coordinates. Plotly's public way reads the whole figure again, and the object that draws a trace makes
 * all its colours and shapes again; so coordinates alone go into the vertices that the graphics card has already. Where a
 * future Plotly has none of this, the next slower way draws.
 * @type {(Plotly: PlotlyModule, plot: Inside, index: number, points: Points) => void}
 */
export function moveTrace(Plotly, plot, index, [x, y, z]) {
  const full = plot._fullData?.[index];
  const scene = full && sceneOf(plot, full.scene);
  const drawn = full && scene?.traces?.[full.uid];
  Object.assign(plot.data[index], { x, y, z });
  if (!scene || !drawn?.update) {
    Plotly.restyle(plot, { x: [x], y: [y], z: [z] }, [index]);
    return;
  }
  Object.assign(full, { x, y, z, _length: x.length });
  try {
    const vertices = verticesOf(drawn, full, x, scene.dataScale);
    if (vertices && scene.dataScale) carry(vertices, [x, y, z], scene.dataScale);
    else drawn.update(full);
  } catch (error) {
    if (!isLost(plot)) throw error; // what was lost is drawn anew as soon as the browser tells of it
  }
}

/** @type {(drawn: Drawn, full: FullTrace, x: Float32Array, scale: number[] | undefined) => Vertices | null} */
function verticesOf(drawn, full, x, scale) {
  const before = known.get(drawn);
  if (before === null || !scale) return null;
  if (before && x.length === before.gaps.length && before.gaps.every((gap, i) => gap === Number.isNaN(x[i]))) return before;
  const vertices = learn(drawn, full, x, scale[0]);
  known.set(drawn, vertices);
  return vertices;
}

/**
 * Learns which vertices draw which points: has the trace drawn with every point's own number for its x, and reads from
 * the vertices where that came out.
 * @type {(drawn: Drawn, full: FullTrace, x: Float32Array, scale: number) => Vertices | null}
 */
function learn(drawn, full, x, scale) {
  const [mark, another] = [drawn.linePlot, drawn.scatterPlot, drawn.textMarkers].filter((each) => each !== null && each !== undefined);
  const { size, at } = mark?.pointBuffer ? OF_MARKS : OF_LINES;
  const buffer = mark?.pointBuffer ?? mark?.buffer;
  if (!mark || another || !buffer) return null;
  let values = new Float32Array();
  const { update } = buffer;
  buffer.update = (written, ...rest) => {
    values = Float32Array.from(written);
    update.call(buffer, written, ...rest);
  };
  const gaps = Array.from(x, Number.isNaN);
  const zeros = new Float32Array(x.length);
  try {
    drawn.update?.({ ...full, x: Float64Array.from(x, (_, i) => (gaps[i] ? NaN : i / scale)), y: zeros, z: zeros });
  } finally {
    buffer.update = update;
  }
  const count = mark.vertexCount + (mark.lineWidth > 0 ? mark.lineVertexCount ?? 0 : 0); // marks without an edge draw none
  const places = new Uint32Array(count * at.length).map((_, i) => size * Math.floor(i / at.length) + at[i % at.length]);
  const points = places.map((place) => Math.round(values[place]));
  const told = points.every((point, i) => gaps[point] === false && Math.abs(point - values[places[i]]) < 0.01 && values[places[i] + 1] === 0);
  return told ? { mark, buffer, values: values.subarray(0, size * count), places, points, gaps } : null;
}

/** @type {(vertices: Vertices, points: Points, scale: number[]) => void} */
function carry({ mark, buffer, values, places, points }, [x, y, z], [across, up, on]) {
  for (let i = 0; i < places.length; i += 1) {
    const at = places[i], point = points[i];
    values[at] = across * x[point];
    values[at + 1] = up * y[point];
    values[at + 2] = on * z[point];
  }
  if (values.length) buffer.update(values, 0);
  mark.dirty = true;
}

/**
 * Readies a scene for the public way: it follows its element's size, and heeds its axes.
 * @type {(plot: Inside, name: string) => void}
 */
export function wakeScene(plot, name) {
  const scene = sceneOf(plot, name);
  if (!scene?.glplot || !scene.render) return;
  scene.glplot.autoResize = true;
  if (scene.glplot.axes) scene.glplot.axes.enable = true;
  scene.glplot.onrender = () => scene.render?.();
}

/**
 * Leaves out of a painted scene what its stage does not use, and what each picture would have to wait for: a second drawing
 * that says what is under the pointer, and is read back from the card; the size of an element; axes that nobody sees. Where a Plotly has none of this, it only takes longer.
 * @type {(plot: Inside, name: string) => void}
 */
export function settleScene(plot, name) {
  const scene = sceneOf(plot, name);
  const card = scene?.glplot;
  if (!card?.objects || !scene?.render) return;
  Object.values(scene.traces ?? {}).forEach((drawn) => known.delete(drawn)); // they may have other colours now
  card.autoResize = false;
  if (card.axes) Object.assign(card.axes, { enable: false, update: () => {} }); // each time it would compile shaders for them
  card.onrender = null;
  const last = card.objects.at(-1);
  if (!last) return;
  card.objects.forEach((mark) => { mark.pickSlots = 0; });
  card.remove(last); // so that it counts anew who wants to be found
  card.add(last);
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

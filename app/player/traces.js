// Turns a frame of a film into lines, marks and names: features, class means, classifiers and the ideal frame.

import { viewerAt } from "./camera.js";
import { classLook, pale, repeated } from "./colours.js";
import { NAME_SIZE, namesApart, nameSizes } from "./names.js";
import { sceneName } from "./scenes.js";
import {
  allPairs, ARROW_LENGTH, ARROW_POINTS, arrows, circle, nameSpots, scaled, segments, sphere, TRAIL_FRAMES, trailLines,
} from "./shapes.js";
import { project, viewMap } from "./views.js";

/** @import { Film } from "./film.js" */
/** @import { Camera, ClassLook, Points, Settings, Theme, Trace } from "./types.d.ts" */

/**
 * What moves on stage; null where a film has no such thing.
 * @typedef {{
 *   features: Points, means: Points, classifiers: Points, names: Points, trails: Points,
 *   sphere: Points | null, edges: Points | null, ghost: Points | null, residuals: Points | null,
 * }} Geometry
 */

const EDGES_UP_TO = 8;
/** @type {(keyof Geometry)[]} */
export const TRACES = ["sphere", "edges", "ghost", "residuals", "trails", "features", "classifiers", "means", "names"];
const NOWHERE = () => [0, 1, 2].map(() => new Float32Array(1));

/**
 * Where everything of a frame stands, seen by a camera `height` pixels high after so many `seconds` of a tour. The sphere
 * never moves, and is null.
 * @type {(film: Film, settings: Settings, frame: number, seen: { view: string, seconds: number, camera: Camera, height: number }) => Geometry}
 */
export function geometryOf(film, settings, frame, { view, seconds, camera, height }) {
  const viewer = viewerAt(camera);
  const { rows } = viewMap(film, view, seconds);
  /** @type {(name: string, at?: number) => Points} */
  const place = (name, at = frame) => project(film.at(name, at), film.axes, rows, film.unit(name, at, settings.raw));
  const means = place("means");
  const ideal = film.showsIdeal ? place("ideal") : null;
  return {
    sphere: null,
    edges: ideal && film.classes <= EDGES_UP_TO ? segments(ideal, ideal, allPairs(film.classes)) : null,
    ghost: ideal,
    residuals: ideal && segments(means, ideal, means[0].length),
    trails: settings.trails ? trailLines(film, frame, place) : NOWHERE(),
    features: place("features"),
    classifiers: arrows(scaled(place("classifiers"), ARROW_LENGTH), viewer),
    means,
    names: namesApart(nameSpots(means, viewer), camera, height, nameSizes(film, NAME_SIZE * scaleOf(film, settings))),
  };
}

/** How large marks, lines and names are drawn. @type {(film: Film, settings: Settings) => number} */
function scaleOf(film, { big }) {
  return big * (film.classes > 10 ? 0.8 : 1);
}

/**
 * The traces of one film, in the order of TRACES.
 * @type {(film: Film, side: number, drawn: { settings: Settings, theme: Theme, isFlat: boolean, geometry: Geometry }) => Trace[]}
 */
export function tracesOf(film, side, { settings, theme, isFlat, geometry }) {
  const looks = looksOf(film, scaleOf(film, settings), theme);
  const all = { ...geometry, sphere: isFlat ? circle() : sphere() };
  const common = { type: "scatter3d", scene: sceneName(side), hoverinfo: "skip", showlegend: false, connectgaps: false };
  return TRACES.map((name) => {
    const [x, y, z] = all[name] ?? NOWHERE();
    // Marks and names that a trace already drawn meets for the first time come out at half size: more classes, new traces.
    const uid = `${sceneName(side)}-${name}-${film.classes}`;
    return { ...common, uid, name, x, y, z, visible: Boolean(all[name]), ...looks[name] };
  });
}

/**
 * Colours, marks and sizes of each trace.
 * @type {(film: Film, big: number, theme: Theme) => Record<keyof Geometry, Partial<Trace>>}
 */
function looksOf(film, big, { ink, ground, faint, grey, font }) {
  const looks = Array.from({ length: film.classes }, (_, k) => classLook(k, ink));
  /** @type {(width: number, color: string | string[]) => Partial<Trace>} */
  const lines = (width, color) => ({ mode: "lines", line: { width: width * big, color } });
  /** @type {(of: ClassLook[], size: number, more: Partial<NonNullable<Trace["marker"]>>) => Partial<Trace>} */
  const marks = (of, size, more) => ({
    mode: "markers",
    marker: {
      symbol: of.map((look) => look.symbol), color: of.map((look) => look.colour), size: of.map((look) => size * big * look.size),
      line: { width: 0 }, opacity: 1, ...more,
    },
  });
  return {
    sphere: lines(1.5, faint),
    edges: lines(1.5, grey),
    ghost: { mode: "markers", marker: { size: 11 * big, symbol: "circle-open", color: grey } },
    residuals: lines(3, grey),
    trails: lines(2, repeated(looks, TRAIL_FRAMES + 1)),
    features: marks(film.labels.map((k) => looks[k]), film.samples > 1000 ? 3 : 5, {
      color: film.labels.map((k) => pale(looks[k].colour, ground)),
    }),
    classifiers: lines(5, repeated(looks, ARROW_POINTS)),
    means: marks(looks, 11, { line: { width: 2, color: ground } }),
    names: {
      mode: "text", textposition: "middle center", text: looks.map((_, k) => film.nameOf(k)),
      textfont: { size: NAME_SIZE * big, color: ink, family: font },
    },
  };
}

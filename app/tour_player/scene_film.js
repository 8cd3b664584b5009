// A film as a scene shows it: no further than the moment at which it waits, with the curves of the scene alone.

/** @import { Header, Track } from "../player/types.d.ts" */
import { Film } from "../player/film.js";
import { panelsOf } from "../player/panels.js";

/** Arrays that are no list of frames. */
const TIMELESS = ["images"];

/**
 * The first frames of a film, up to `last`: nothing on the page can show what comes after. The curves are those of `show`,
 * each panel with the ones of its own; without any, the panels stay as they are. `ideal` says whether the frame is seen that the run tends to.
 * @type {(film: Film, last: number, show: string[], ideal: boolean) => Film}
 */
export function sceneFilm(film, last, show, ideal) {
  const { header, frames } = film;
  const count = Math.min(frames, Math.max(0, last) + 1);
  const arrays = Object.entries(film.arrays).map(([name, array]) => [name, TIMELESS.includes(name) ? array : array.subarray(0, array.length / frames * count)]);
  const cut = new Film({ ...shortened(header, count), panels: show.length ? panelsOf(header, show) : header.panels }, Object.fromEntries(arrays));
  cut.showsIdeal = ideal && film.hasIdeal;
  cut.ends = film.ends; // what follows comes in the same view, at the same scale
  cut.whole = film.whole;
  return cut;
}

/** @type {(header: Header, count: number) => Header} */
function shortened({ clock, events, guides, ...header }, count) {
  const { step, time, log_time: logTime, epoch } = clock;
  const first = (/** @type {Track} */ track) => track.slice(0, count);
  return {
    ...header, frames: count,
    clock: { ...clock, step: step.slice(0, count), time: first(time), log_time: first(logTime), ...(epoch ? { epoch: epoch.slice(0, count) } : {}) },
    events: events.filter(({ frame }) => frame < count),
    guides: guides.filter(({ x_frames: frames }) => frames.every((frame) => frame < count)),
  };
}

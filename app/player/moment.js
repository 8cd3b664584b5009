// A moment in words, from the frame's own numbers, and the curves as a table: the film for who does not see it.

import { Opened } from "./opened.js";
import { make } from "./parts.js";
import { allPairs } from "./shapes.js";
import { valueWords } from "./titles.js";

const POINT = 1e-6; // a cluster this much smaller than the whole is a point
const DEGREES = 180 / Math.PI;

/**
 * What a frame shows: "4 clusters apart, tightest class 2, nearest pair 1 and 3 at 96°, ideal 109°". A cluster is apart
 * where each of its samples lies nearer to its own class mean than to any other.
 */
export function momentWords(film, frame) {
  return [clusterWords(film, frame), pairWords(film, frame)].filter(Boolean).join(", ");
}

function clusterWords(film, frame) {
  const { classes, axes, labels, samples } = film;
  const [means, features] = [film.at("means", frame), film.at("features", frame)];
  const [spread, astray, count] = Array.from({ length: 3 }, () => new Float64Array(classes));
  for (let i = 0; i < samples; i += 1) {
    const own = labels[i];
    const away = Float64Array.from({ length: classes }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < axes; j += 1) sum += (features[i * axes + j] - means[k * axes + j]) ** 2;
      return sum;
    });
    count[own] += 1;
    spread[own] += away[own];
    astray[own] += away.some((far, k) => k !== own && !(far > away[own]));
  }
  const apart = astray.reduce((sum, lost) => sum + (lost === 0), 0);
  const words = [apart === classes ? `${classes} clusters apart` : `${apart || "none"} of ${classes} clusters apart`];
  const sizes = Array.from(spread, (sum, k) => Math.sqrt(sum / count[k]));
  if (samples > classes && sizes.every(Number.isFinite)) {
    const points = Math.max(...sizes) <= POINT * film.arrays.scale[frame];
    words.push(points ? "each a point" : `tightest class ${film.nameOf(sizes.indexOf(Math.min(...sizes)))}`);
  }
  return words.join(", ");
}

function pairWords(film, frame) {
  const cosines = film.at("cosines", frame);
  let [nearest, pair] = [-Infinity, null];
  for (const [i, j] of allPairs(film.classes)) {
    if (cosines[i * film.classes + j] > nearest) [nearest, pair] = [cosines[i * film.classes + j], [j, i]];
  }
  if (!pair) return "";
  const degrees = (cosine) => `${Math.round(DEGREES * Math.acos(Math.min(1, Math.max(-1, cosine))))}°`;
  const ideal = film.fits ? `, ideal ${degrees(-1 / (film.classes - 1))}` : "";
  return `nearest pair ${pair.map((k) => film.nameOf(k)).join(" and ")} at ${degrees(nearest)}${ideal}`;
}

/** The frames of a table: both ends, the events, and the last ones before each power of ten of the film's own clock. */
export function roundFrames(film) {
  const { epoch, step, by, log_time: logTime } = film.clock;
  const track = epoch ?? (by === "step" ? step : logTime);
  const last = film.frames - 1;
  const powers = Array.from({ length: 20 }, (_, k) => track.findLastIndex((value) => value !== null && value <= 10 ** (k - 1)));
  return [...new Set([0, ...powers, ...film.header.events.map(({ frame }) => frame), last])]
    .filter((frame) => frame >= 0 && frame <= last).sort((a, b) => a - b);
}

/** The whole film's curves as comma-separated values, a line for each frame. */
export function curvesAsCsv(film) {
  const { epoch, step, log_time: logTime } = film.clock;
  const clocks = { ...(epoch && { epoch }), step, log_time: logTime };
  const columns = { ...clocks, ...Object.fromEntries(film.curves.map(({ name }) => [name, film.arrays[name]])) };
  const line = (frame) => Object.values(columns).map((values) => values[frame] ?? "").join(",");
  return [Object.keys(columns).join(","), ...Array.from({ length: film.frames }, (_, frame) => line(frame))].join("\n");
}

/** The present moment in words and the curves as a table, where the scene was. */
export class Figures extends Opened {
  constructor(box, changed) {
    super(box, "The film in words and figures", "figures", changed);
    this.host.classList.add("fp-figures");
    const room = make("div", "fp-listing", this.host);
    room.tabIndex = 0; // a table longer than its room is scrolled by key
    this.words = make("p", "", room);
    this.save = make("a", "", make("p", "", room), "All frames as CSV");
    this.table = make("table", "", room);
  }

  /** Takes a film, whose figures are written once they are wanted. */
  fill(film) {
    if (this.film === film) return;
    this.film = film;
    this.stale = true;
    if (this.isOpen) this.#write();
  }

  draw(frame) {
    if (this.isOpen) this.words.textContent = `${this.film.moment(frame)}: ${momentWords(this.film, frame)}.`;
  }

  shown(on) {
    if (on && this.stale) this.#write();
  }

  destroy() {
    URL.revokeObjectURL(this.save.href);
  }

  #write() {
    const { film, table, save } = this;
    this.stale = false;
    URL.revokeObjectURL(save.href);
    Object.assign(save, { href: URL.createObjectURL(new Blob([curvesAsCsv(film)], { type: "text/csv" })), download: "curves.csv" });
    const known = film.curves.filter(({ name }) => film.arrays[name]);
    table.replaceChildren();
    make("caption", "", table, `The curves at round moments of the run: ${film.header.title}`);
    const head = make("tr", "", make("thead", "", table));
    const titles = film.header.panels.flatMap((panel) => panel.curves.map((name) => [name, panel.title]));
    for (const words of ["moment", ...known.map(({ name, label }) => [new Map(titles).get(name), label].filter(Boolean).join(": "))]) {
      make("th", "", head, words).scope = "col";
    }
    const body = make("tbody", "", table);
    for (const frame of roundFrames(film)) {
      const row = make("tr", "", body);
      make("th", "", row, film.moment(frame)).scope = "row";
      for (const { name } of known) make("td", "", row, valueWords(name, film.arrays[name][frame]));
    }
  }
}

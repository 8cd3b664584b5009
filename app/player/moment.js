// Says a moment in words, from the frame's own numbers, and the curves as a table: a film for those who cannot see it.

/** @import { Film } from "./film.js" */
/** @import { FilmClock, Numbers, Track } from "./types.d.ts" */
import { Opened } from "./opened.js";
import { make } from "./parts.js";
import { allPairs } from "./shapes.js";
import { valueWords } from "./titles.js";

const POINT = 1e-6; // a cluster this much smaller than the whole is a point
const DEGREES = 180 / Math.PI;

/**
 * What a frame shows: "4 clusters apart, tightest class 2, nearest pair 1 and 3 at 96°, ideal 109°". A cluster is apart
 * where each of its samples lies nearer to its own class mean than to any other.
 * @type {(film: Film, frame: number) => string}
 */
export function momentWords(film, frame) {
  return [clusterWords(film, frame), pairWords(film, frame)].filter(Boolean).join(", ");
}

/** @type {(film: Film, frame: number) => string} */
function clusterWords(film, frame) {
  const { classes, axes, labels, samples } = film;
  const [means, features] = [film.at("means", frame), film.at("features", frame)];
  const [spread, astray, count] = Array.from({ length: 3 }, () => new Float64Array(classes));
  /** The squared distance of a sample to a class mean, or what is already more than `enough`. @type {(i: number, k: number, enough: number) => number} */
  const awayFrom = (i, k, enough) => {
    let sum = 0;
    for (let j = 0; j < axes && !(sum > enough); j += 1) {
      const off = features[i * axes + j] - means[k * axes + j];
      sum += off * off;
    }
    return sum;
  };
  for (let i = 0; i < samples; i += 1) {
    const own = labels[i], away = awayFrom(i, own, Infinity);
    count[own] += 1;
    spread[own] += away;
    let k = 0;
    while (k < classes && (k === own || awayFrom(i, k, away) > away)) k += 1;
    if (k < classes) astray[own] += 1;
  }
  const apart = astray.filter((lost) => lost === 0).length;
  const words = [apart === classes ? `${classes} clusters apart` : `${apart || "none"} of ${classes} clusters apart`];
  const sizes = Array.from(spread, (sum, k) => Math.sqrt(sum / count[k]));
  if (samples > classes && sizes.every(Number.isFinite)) {
    const points = Math.max(...sizes) <= POINT * film.arrays.scale[frame];
    words.push(points ? "each a point" : `tightest class ${film.nameOf(sizes.indexOf(Math.min(...sizes)))}`);
  }
  return words.join(", ");
}

/** @type {(film: Film, frame: number) => string} */
function pairWords(film, frame) {
  if (film.inBlocks) return ""; // cosines are those of blocks, and of no pair
  const cosines = film.at("cosines", frame);
  let nearest = -Infinity, /** @type {number[] | null} */ pair = null;
  for (const [i, j] of allPairs(film.classes)) {
    if (!(cosines[i * film.classes + j] > nearest)) continue;
    nearest = cosines[i * film.classes + j];
    pair = [j, i];
  }
  if (!pair) return "";
  /** @type {(cosine: number) => string} */
  const degrees = (cosine) => `${Math.round(DEGREES * Math.acos(Math.min(1, Math.max(-1, cosine))))}°`;
  const ideal = film.showsIdeal && film.fits ? `, ideal ${degrees(-1 / (film.classes - 1))}` : "";
  return `nearest pair ${pair.map((k) => film.nameOf(k)).join(" and ")} at ${degrees(nearest)}${ideal}`;
}

/**
 * The frames of a table: both ends, the events, and the last ones before each power of ten of the film's own clock.
 * @type {(film: Film) => number[]}
 */
export function roundFrames(film) {
  const { epoch, step, by, log_time: logTime } = film.clock;
  /** @type {Track} */
  const track = epoch ?? (by === "step" ? step : logTime);
  const last = film.frames - 1;
  const powers = Array.from({ length: 20 }, (_, k) => track.findLastIndex((value) => value !== null && value <= 10 ** (k - 1)));
  return [...new Set([0, ...powers, ...film.header.events.map(({ frame }) => frame), last])]
    .filter((frame) => frame >= 0 && frame <= last).sort((a, b) => a - b);
}

/**
 * The whole film's curves as comma-separated values, a line for each frame: the table of `app/paper/tables.py`, whose clocks
 * are those of the film's header, in its order.
 * @type {(film: Film) => string}
 */
export function curvesAsCsv(film) {
  const clocks = Object.entries({ ...film.clock, ...exactTimes(film.clock) }).filter(([, track]) => Array.isArray(track) && track.length === film.frames);
  const curves = film.curves.filter(({ name }) => film.arrays[name]).map(({ name }) => [name, film.arrays[name]]);
  /** @type {Record<string, Track | Numbers>} */
  const columns = Object.fromEntries([...clocks, ...curves]);
  /** @type {(frame: number) => string} */
  const line = (frame) => Object.values(columns).map((values) => cell(values[frame])).join(",");
  return [Object.keys(columns).join(","), ...Array.from({ length: film.frames }, (_, frame) => line(frame)), ""].join("\n");
}

/** Time and log time as they are: JSON, in which films say them, has no infinity. @type {(clock: FilmClock) => Pick<FilmClock, "time" | "log_time">} */
function exactTimes({ time, log_time: logTime }) {
  return {
    time: time.map((t, frame) => (t === null && logTime[frame] !== null ? Infinity : t)),
    log_time: logTime.map((logT, frame) => (logT === null && time[frame] === 0 ? -Infinity : logT)),
  };
}

/** A number as Python reads it; what is not defined is empty. @type {(value: number | null) => string} */
function cell(value) {
  return value === null || Number.isNaN(value) ? "" : String(value).replace("Infinity", "inf");
}

/** The present moment in words and the curves as a table, where the scene was. */
export class Figures extends Opened {
  /**
   * @param {HTMLElement} box
   * @param {(open: boolean) => void} changed
   */
  constructor(box, changed) {
    super(box, "The film in words and figures", "figures", changed);
    this.host.classList.add("fp-figures");
    const room = make("div", "fp-listing", this.host);
    room.tabIndex = 0; // a table longer than its room is scrolled by key
    this.words = make("p", "", room);
    this.save = make("a", "", make("p", "", room), "All frames as CSV");
    this.table = make("table", "", room);
    /** @type {Film | null} */
    this.film = null;
    this.letter = "";
    this.stale = false;
  }

  /** Takes a film, whose figures are written once they are wanted; `letter` names it beside others. @type {(film: Film, letter: string) => void} */
  fill(film, letter) {
    if (this.film === film && this.letter === letter) return;
    this.letter = letter;
    this.film = film;
    this.stale = true;
    if (this.isOpen) this.#write();
  }

  /** @type {(frame: number) => void} */
  draw(frame) {
    if (this.isOpen && this.film) this.words.textContent = `${this.letter}${this.film.moment(frame)}: ${momentWords(this.film, frame)}.`;
  }

  /** @type {(on: boolean) => void} */
  shown(on) {
    super.shown(on);
    if (on && this.stale) this.#write();
  }

  destroy() {
    URL.revokeObjectURL(this.save.href);
  }

  #write() {
    const { film, table, save } = this;
    if (!film) return;
    this.stale = false;
    URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(new Blob([curvesAsCsv(film)], { type: "text/csv" }));
    save.download = "curves.csv";
    const known = film.curves.filter(({ name }) => film.arrays[name]);
    table.replaceChildren();
    make("caption", "", table, `The curves at round moments of the run: ${this.letter}${film.header.title}`);
    const head = make("tr", "", make("thead", "", table));
    /** @type {Map<string, string>} */
    const titles = new Map(film.header.panels.flatMap((panel) => panel.curves.map((name) => [name, panel.title])));
    for (const words of ["moment", ...known.map(({ name, label }) => [titles.get(name), label].filter(Boolean).join(": "))]) {
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

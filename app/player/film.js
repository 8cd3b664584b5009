// Reads the film document, bytes from `ulpm_core/film/film.py`, without trusting them.

/** @import { ArrayLayout, Header, Images, Numbers, Track } from "./types.d.ts" */
import { figure, timeWords } from "./numbers.js";

const MAGIC = "ULPMFILM";
const FORMAT = 2;
const REQUIRED = ["features", "means", "classifiers", "scale", "scale_w", "cosines", "cosines_w"];
const LONGEST_NAME = 12;

/**
 * Reads a film. Little endian: magic, uint32 header length, JSON header, arrays aligned to 8 bytes.
 * @throws {Error} one sentence saying what is wrong with the bytes
 * @type {(buffer: ArrayBuffer) => Film}
 */
export function parseFilm(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 8)) !== MAGIC) {
    throw new Error("This is not a film: it does not start with ULPMFILM.");
  }
  const start = 12 + new DataView(buffer).getUint32(8, true);
  if (start > bytes.length || start % 8) throw new Error("This film is cut off inside its header.");
  let header;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(12, start)));
  } catch {
    header = null;
  }
  if (header === null || typeof header !== "object") throw new Error("This film's header is not a JSON object.");
  if (Number(header.format) > FORMAT) throw new Error(`This film is of a newer format, ${header.format}: reload the page, or update Collapse Lab.`);
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  for (const [name, layout] of Object.entries(header.arrays ?? {})) {
    const { dtype, shape, offset } = /** @type {ArrayLayout} */ (layout ?? {});
    const Kind = dtype === "float32" ? Float32Array : dtype === "float64" ? Float64Array : null;
    const sound = Kind && Array.isArray(shape) && [offset, ...shape].every((n) => Number.isInteger(n) && n >= 0);
    const count = sound ? shape.reduce((product, n) => product * n, 1) : 0;
    if (!sound || offset % 8 || start + offset + count * Kind.BYTES_PER_ELEMENT > bytes.length) {
      throw new Error(`This film is damaged: its array ${name} lies outside the file.`);
    }
    arrays[name] = new Kind(buffer, start + offset, count);
  }
  return new Film(header, arrays);
}

/** One film: its header's fields, typed arrays, and what the stage asks of a frame. */
export class Film {
  /**
   * @param {Header} header of a file, so perhaps of another form
   * @param {Record<string, Numbers>} arrays
   */
  constructor(header, arrays) {
    const { frames, classes, axes, labels, clock, curves } = header;
    const samples = labels?.length;
    /** @type {Record<string, number>} */
    const sizes = {
      features: frames * samples * axes, means: frames * classes * axes, classifiers: frames * classes * axes,
      scale: frames, scale_w: frames, cosines: frames * classes ** 2, cosines_w: frames * classes ** 2,
    };
    const wrong = REQUIRED.find((name) => !(frames > 0) || arrays[name]?.length !== sizes[name]);
    const clocks = [clock?.step, clock?.log_time, clock?.time, ...(clock?.epoch === undefined ? [] : [clock.epoch])];
    const sound = clocks.every((track) => track?.length === frames);
    if (wrong || !sound || !Array.isArray(curves)) {
      throw new Error(`This film is damaged: its array ${wrong ?? "clock"} does not have the right length.`);
    }
    this.header = header;
    this.arrays = arrays;
    this.frames = frames;
    this.classes = classes;
    this.axes = axes;
    this.labels = labels;
    this.samples = samples;
    this.clock = clock;
    this.curves = curves;
    this.digest = String(header.digest);
    this.partial = header.partial === true;
    this.timed = clock.log_time.some((value) => value !== null); // nobody knows the time of a loop that ran elsewhere
    this.classified = arrays.scale_w.some((size) => size > 0); // features may come without classifiers
    this.images = this.#images();
    this.hasIdeal = arrays.ideal?.length === sizes.means;
    /** How many classes there are: more than are on stage, of a crowd. */
    this.every = header.crowd?.classes ?? classes;
    /** Whether cosines are means over blocks of classes. */
    this.inBlocks = this.every > classes;
    /** Whether the ideal frame is a simplex. */
    this.fits = this.hasIdeal && !header.target;
    /** Whether the ideal frame is to be seen, where there is one. */
    this.showsIdeal = this.hasIdeal;
    /** Where the class means tend, or end: what the view of many dimensions is laid out for. */
    this.ends = this.at(this.hasIdeal ? "ideal" : "means", frames - 1);
    /** The film of which this is a part: at raw scale both have one unit. @type {Film} */
    this.whole = this;
    /** How far features spread in each frame that was shown. @type {number[]} */
    this.spreads = [];
    this.largest = 0;
  }

  /** What every frame is divided by at raw scale: the largest size in any of them. */
  get rawUnit() {
    const { whole } = this;
    whole.largest ||= whole.#largest() || 1;
    return whole.largest;
  }

  /** The cosine between any two corners of a simplex of all classes. */
  get simplexCosine() {
    return -1 / (this.every - 1);
  }

  /** Why no simplex is the ideal, where none is. */
  get noSimplex() {
    if (this.header.class_sizes) return "class sizes differ";
    return this.header.dimension < this.every - 1 ? "no simplex fits" : "no one simplex is best";
  }

  /** The cosines of the ideal frame, of classifiers or of class means, where it is no simplex: row after row, else null. @type {(weights: boolean) => number[] | null} */
  idealCosines(weights) {
    const found = this.header.target?.[weights ? "cosines_w" : "cosines"];
    const whole = Array.isArray(found) && found.length === this.classes ** 2 && found.every(Number.isFinite);
    return whole ? found : null;
  }

  /** Whether this film goes on after another one has ended. @type {(other: Film) => boolean} */
  outlasts(other) {
    const by = this.#sharedClock(other);
    return (this.#track(by).at(-1) ?? -Infinity) > (other.#track(by).at(-1) ?? -Infinity);
  }

  /**
   * The last frame that is not beyond a frame of another film: in steps, or in time where a flow has a part.
   * @type {(other: Film, there: number) => number}
   */
  frameBeside(other, there) {
    const by = this.#sharedClock(other);
    const track = this.#track(by);
    const now = other.#track(by)[there] ?? -Infinity;
    let frame = 0;
    while (frame + 1 < this.frames && (track[frame + 1] ?? -Infinity) <= now) frame += 1;
    return frame;
  }

  /**
   * The moment of a frame in words: "step 1,000 · t 100", of a flow "t = e^690", of a network "epoch 112 · t = e^30".
   * @type {(frame: number) => string}
   */
  moment(frame) {
    const { epoch, step, log_time: logTime } = this.clock;
    const flows = this.header.flow_from !== null && frame >= this.header.flow_from;
    const time = `t ${flows ? "= " : ""}${timeWords(logTime[frame])}`;
    if (epoch) return `epoch ${figure(epoch[frame])}${this.timed ? ` · ${time}` : ""}`;
    return flows ? time : `step ${step[frame].toLocaleString("en")} · ${time}`;
  }

  /** What a class is called: the name that its data give it, or its number from 1. @type {(k: number) => string} */
  nameOf(k) {
    const name = String(this.header.names?.[k] ?? k + 1);
    return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
  }

  /**
   * Coordinates of one frame, (rows, axes) in one flat view; `name` is features, means, classifiers or ideal.
   * @type {(name: string, frame: number) => Numbers}
   */
  at(name, frame) {
    const length = this.arrays[name].length / this.frames;
    return this.arrays[name].subarray(frame * length, (frame + 1) * length);
  }

  /**
   * What one frame is divided by. At unit scale the ideal frame has length 1 once the clusters are tight; before
   * that the spread of all features has, so that no dot starts far outside.
   * @type {(name: string, frame: number, raw: boolean) => number}
   */
  unit(name, frame, raw) {
    if (raw) return this.rawUnit;
    const size = name === "classifiers" ? this.arrays.scale_w[frame] : this.#spread(frame);
    return size > 0 && Number.isFinite(size) ? size : 1;
  }

  /**
   * Two networks share their epochs, whose lengths do not depend on learning rates.
   * @type {(other: Film) => "epoch" | "step" | "log_time"}
   */
  #sharedClock(other) {
    if (this.clock.epoch && other.clock.epoch) return "epoch";
    return this.clock.by === "step" && other.clock.by === "step" ? "step" : "log_time";
  }

  /** @type {(by: "epoch" | "step" | "log_time") => Track} */
  #track(by) {
    return this.clock[by] ?? [];
  }

  /**
   * The images of the samples, {height, width, pixels}, pixels from 0 to 1; null where there are none.
   * @type {() => Images | null}
   */
  #images() {
    const { arrays: { images: pixels }, header } = this;
    if (!pixels) return null;
    const [count, height, width] = header.arrays.images.shape;
    if (header.arrays.images.shape.length !== 3 || count !== this.samples || !pixels.length) {
      throw new Error("This film is damaged: its array images does not have the right length.");
    }
    return { height, width, pixels };
  }

  /** How far features spread in a frame. @type {(frame: number) => number} */
  #spread(frame) {
    const { samples, spreads } = this;
    if (spreads[frame] === undefined) {
      let sum = 0;
      for (const value of this.at("features", frame)) sum += value * value;
      spreads[frame] = Math.max(Math.sqrt(sum / samples), this.arrays.scale[frame]) || 0;
    }
    return spreads[frame];
  }

  #largest() {
    let largest = 0;
    for (let frame = 0; frame < this.frames; frame += 1) {
      const size = Math.max(this.#spread(frame), this.arrays.scale_w[frame]);
      if (Number.isFinite(size)) largest = Math.max(largest, size);
    }
    return largest;
  }
}

// Has films made, and keeps the last ones.

/** @import { Engine } from "../player/engine/engine.js" */
/** @import { Film } from "../player/film.js" */
/** @import { Config } from "./types.d.ts" */
import { parseFilm } from "../player/film.js";
import { Newest } from "./newest.js";

/** As many as a person goes back and forth between; a film is up to some megabytes. */
const KEPT_FILMS = 6;

/** @typedef {{ film: Film, bytes: ArrayBuffer }} Made */

export class Films {
  /** @param {Engine} engine */
  constructor(engine) {
    this.engine = engine;
    /** @type {Map<string, Made>} */
    this.kept = new Map();
  }

  /** The film of a run, if it is here. @type {(run: Config) => Made | null} */
  known({ digest }) {
    return this.kept.get(digest) ?? null;
  }

  /** @type {(run: Config, bytes: ArrayBuffer) => Made} */
  keep({ digest }, bytes) {
    const made = { film: parseFilm(bytes), bytes };
    this.kept.delete(digest);
    this.kept.set(digest, made);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT_FILMS) this.kept.delete(oldest);
    return made;
  }

  /**
   * The film of a run, which grows on the way. A run asked for later overtakes it.
   * @type {(run: Config, told: { grown: (film: Film) => void, progress: (share: number, words: string) => void }) => Promise<Made>}
   */
  async of(run, { grown, progress }) {
    const known = this.known(run);
    if (known) return known;
    const parts = new Newest((/** @type {ArrayBuffer} */ part) => grown(parseFilm(part)));
    try {
      const bytes = await this.engine.film(run.toJSON(), { grown: (part) => parts.put(part), progress });
      return this.keep(run, bytes);
    } finally {
      parts.drop();
    }
  }
}

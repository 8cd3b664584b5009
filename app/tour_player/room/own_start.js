// A student's own start as a film, which this browser makes, on the stage of the tour.

/** @import { Engine } from "../../player/engine/engine.js" */
/** @import { Film } from "../../player/film.js" */
/** @import { PageTable } from "../../standalone/types.d.ts" */
/** @import { TourPlayer } from "../tour.js" */
import { make, wordButton } from "../../player/parts.js";
import { runOfHeader, turnedTo } from "../../standalone/facts.js";
import { Films } from "../../standalone/films.js";

export class OwnStart {
  /**
   * @param {HTMLElement} box
   * @param {TourPlayer} tour
   * @param {() => Promise<{ table: PageTable, engine: Engine }>} load
   */
  constructor(box, tour, load) {
    this.tour = tour;
    this.load = load;
    /** The scene in whose place the start plays; null while it does not. @type {number | null} */
    this.over = null;
    this.row = make("div", "room-own", box);
    this.button = wordButton(this.row, "room-button", "Play your start", () => {});
    this.back = wordButton(this.row, "room-button", "Back to the scene", () => this.leave());
    this.back.hidden = true;
    this.said = make("p", "", this.row);
    this.said.setAttribute("role", "status");
  }

  /** Offers the run of this config that begins at a seed. @type {(config: Record<string, unknown>, seed: number) => void} */
  offer(config, seed) {
    this.button.addEventListener("click", () => this.#play(config, seed));
  }

  /** The stage shows its scene again. */
  leave() {
    const { over, tour } = this;
    this.over = null;
    this.back.hidden = true;
    if (over === tour.scene) tour.goTo(over);
  }

  /** @type {(config: Record<string, unknown>, seed: number) => Promise<void>} */
  async #play(config, seed) {
    this.button.disabled = true;
    this.said.textContent = "Your start is being followed…";
    try {
      const { table, engine } = await this.load();
      const run = turnedTo(runOfHeader(config, table), { seed: String(seed) }, table);
      const { film } = await new Films(engine).of(run, { grown: () => {}, progress: () => {} });
      this.#show(film);
    } catch (error) {
      this.said.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      this.button.disabled = false;
    }
  }

  /** @type {(film: Film) => void} */
  #show(film) {
    this.said.textContent = "";
    if (!this.row.isConnected) return;
    this.over = this.tour.scene;
    this.back.hidden = false;
    this.tour.stage.turn(film, true);
    scrollTo({ top: 0 }); // on a phone the stage stands above
  }
}

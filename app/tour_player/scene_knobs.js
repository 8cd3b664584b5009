// The knobs of a scene: what its document lets a visitor turn, computed by the engine in this browser.

/** @import { Engine } from "../player/engine/engine.js" */
/** @import { Film } from "../player/film.js" */
/** @import { Config, PageTable } from "../standalone/types.d.ts" */
/** @import { BuildKnobs, SceneFilmData } from "./types.d.ts" */
import { Overtaken } from "../player/engine/engine.js";
import { make, wordButton } from "../player/parts.js";
import { runOfHeader, turnedTo } from "../standalone/facts.js";
import { Films } from "../standalone/films.js";
import { Knobs } from "../standalone/knobs.js";
import { Progress } from "../standalone/progress.js";

const TURNED = "The words and numbers above are about the film as the scene shows it.";

/** Knobs whose table and engine are had once, when a scene first needs them. @type {(load: () => Promise<{ table: PageTable, engine: Engine }>) => BuildKnobs} */
export function knobsWith(load) {
  /** @type {ReturnType<typeof load> | null} */
  let loaded = null;
  return (place, scene, show) => {
    loaded ??= load();
    const knobs = new SceneKnobs(place, scene, show);
    loaded.then(({ table, engine }) => knobs.begin(table, new Films(engine))).catch((error) => knobs.say(error));
    return knobs;
  };
}

class SceneKnobs {
  /**
   * @param {HTMLElement} place
   * @param {SceneFilmData} scene
   * @param {(film: Film | null) => void} show
   */
  constructor(place, scene, show) {
    this.place = place;
    this.scene = scene;
    this.show = show;
    this.rows = make("div", "tour-rows", place);
    this.progress = new Progress(make("div", "lab-progress", place), "Cancel", () => this.#cancel());
    this.progress.end();
    this.refusal = make("p", "lab-refusal", place);
    this.refusal.setAttribute("role", "alert");
    this.note = make("p", "tour-turned", place, TURNED);
    this.again = wordButton(place, "tour-button", "As the scene shows it", () => this.#reset());
    this.again.hidden = this.note.hidden = this.refusal.hidden = true;
    this.asked = 0;
  }

  /** @type {(table: PageTable, films: Films) => void} */
  begin(table, films) {
    if (!this.place.isConnected) return;
    this.table = table;
    this.films = films;
    this.home = runOfHeader(this.scene.config, table);
    const rows = table.rows.filter(({ name }) => this.scene.knobs.includes(name)).map((row) => ({ ...row, advanced: false }));
    this.knobs = new Knobs({ rows: this.rows, advanced: this.rows }, { ...table, rows, derived: [] }, (values) => this.#turn(values));
    this.#put(this.home);
  }

  /** @type {(error: unknown) => void} */
  say(error) {
    this.refusal.textContent = error instanceof Error ? error.message : String(error);
    this.refusal.hidden = !this.refusal.textContent;
  }

  destroy() {
    this.asked += 1;
    this.films?.engine.cancel();
  }

  /** @type {(run: Config) => void} */
  #put(run) {
    this.run = run;
    this.knobs?.fill(run, null);
    this.note.hidden = this.again.hidden = run.digest === this.home?.digest;
    this.say("");
  }

  /** @type {(values: Record<string, unknown>) => void} */
  #turn(values) {
    const { run, table } = this;
    if (!run || !table) return;
    try {
      this.#put(turnedTo(run, values, table));
      this.#make();
    } catch (error) {
      this.say(error);
    }
  }

  async #make() {
    const { films, run, progress } = this;
    if (!films || !run) return;
    this.asked += 1;
    const mine = this.asked;
    const shown = (/** @type {Film} */ film) => { if (mine === this.asked) this.show(film); };
    progress.begin();
    try {
      const told = (/** @type {number} */ share, /** @type {string} */ words) => { if (mine === this.asked) progress.tell(share, words); };
      const { film } = await films.of(run, { grown: shown, progress: told });
      shown(film);
    } catch (error) {
      if (!(error instanceof Overtaken) && mine === this.asked) this.say(error);
    } finally {
      if (mine === this.asked) progress.end();
    }
  }

  /** Gives up the run that is being made; what has grown of it stays on stage. */
  #cancel() {
    this.asked += 1;
    this.films?.engine.cancel();
    this.progress.end();
  }

  #reset() {
    if (!this.home) return;
    this.#cancel();
    this.#put(this.home);
    this.show(null);
  }
}

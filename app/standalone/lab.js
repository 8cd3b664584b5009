// The lab in one file: what its knobs, buttons and address ask for, and the films that its engine makes of that.

/** @import { Film } from "../player/film.js" */
/** @import { PlotlyModule } from "../player/types.d.ts" */
/** @import { Fields, LabState, PageTable } from "./types.d.ts" */
/** @import { Films, Made } from "./films.js" */
import { Overtaken } from "../player/engine/engine.js";
import { Config } from "../player/engine/config.js";
import { Refusal } from "../player/engine/refusal.js";
import { find, make } from "../player/parts.js";
import { FilmPlayer } from "../player/player.js";
import { standIn } from "../player/poster.js";
import { chosenBy } from "../player/settings.js";
import { Actions, presetOf } from "./actions.js";
import { cancelledWords } from "./cancelled.js";
import { differenceWords, gaveWayWords } from "./compared.js";
import { saveFilm } from "./download.js";
import { turnedTo } from "./facts.js";
import { FragmentBar } from "./fragment.js";
import { Knobs } from "./knobs.js";
import { linkOf, readLink } from "./link.js";
import { Progress, sayRefused } from "./progress.js";

export class Lab {
  /**
   * @param {HTMLElement} root
   * @param {PageTable} table
   * @param {Config} first the run whose film the page carries
   */
  constructor(root, table, first) {
    this.root = root;
    this.table = table;
    const { state, refusals } = readLink(location.hash, table);
    this.home = { ...readLink("", table).state, config: first };
    /** @type {LabState} */
    this.state = location.hash.length > 1 ? state : this.home;
    this.refusals = refusals;
    this.clash = "";
    /** @type {FilmPlayer | null} */
    this.player = null;
    /** @type {Films | null} */
    this.films = null;
    /** @type {FragmentBar | null} */
    this.bar = null;
    this.asked = 0;
    this.cancelled = false;
    /** What has grown so far of the film that is being made. @type {Film | null} */
    this.grown = null;
    const places = { rows: find(root, ".lab-rows"), advanced: find(root, ".lab-advanced div"), presets: find(root, ".lab-presets"), actions: find(root, ".lab-actions") };
    this.knobs = new Knobs(places, table, (name, text, final) => this.turn({ [name]: text }, final));
    this.actions = new Actions(places, table, {
      choose: (changes) => this.show({ ...this.state, ...changes }),
      turn: (values) => this.turn(values),
      download: () => this.#download(),
      runAgain: () => this.#make(),
      reset: () => this.show(this.home),
    });
    this.progress = new Progress(find(root, ".lab-progress"), table.words.actions.cancel.label, () => this.#cancel());
    addEventListener("popstate", () => this.#follow());
    addEventListener("hashchange", () => this.#follow());
    this.#fill(null);
  }

  /** Begins to show films, once there is what draws and what makes them. @type {(Plotly: PlotlyModule, films: Films) => void} */
  begin(Plotly, films) {
    const { talk, panels, look } = this.state;
    const place = find(this.root, ".fp");
    const picture = films.known(this.state.config) ? place.querySelector(".fp-scene > *") : null;
    this.films = films;
    const player = new FilmPlayer(place, Plotly, { talk, panels, look });
    this.player = player;
    this.bar = new FragmentBar(player, (keys) => linkOf(this.state, keys, this.table));
    player.address = this.bar;
    if (picture) standIn(picture, player);
    this.#make();
  }

  /** Turns knobs; what cannot be shown is refused, and the last state stays. @type {(values: Fields, final?: boolean) => void} */
  turn(values, final = true) {
    try {
      const { state: { config: before }, table } = this;
      const config = turnedTo(before, values, table);
      this.show({ ...this.state, config }, final);
      this.clash = gaveWayWords(before, config, table);
      if (this.clash) this.#fill(this.#film());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.clash = error.message;
      this.#fill(this.#film());
    }
  }

  /** Makes this the state of the page. @type {(state: LabState, step?: boolean) => void} */
  show(state, step = true) {
    this.refusals = [];
    this.#put(state);
    this.bar?.put(step);
  }

  /** @type {(state: LabState) => void} */
  #put(state) {
    const { player, state: { config, pinned } } = this;
    this.state = state;
    this.clash = "";
    if (state.config.digest !== config.digest || state.pinned?.digest !== pinned?.digest) this.#make(); // the engine runs meanwhile
    if (player) player.choose({ talk: state.talk, panels: state.panels });
    this.#fill(this.#film());
  }

  /** The address has changed: a person went back, or wrote another one; a bad one leaves the last good state. */
  #follow() {
    const { state, refusals } = readLink(location.hash, this.table);
    const here = location.hash === linkOf(this.state, this.player?.lookKeys ?? {}, this.table);
    this.refusals = refusals;
    if (refusals.length || here) this.#fill(this.#film());
    else this.#lookAt(location.hash.length > 1 ? state : this.home);
  }

  /** Shows a state as its link says, at its moment, in its view. @type {(state: LabState) => void} */
  #lookAt(state) {
    const { player, state: { config, pinned } } = this;
    this.#put(state);
    const known = this.#film()?.film ?? player?.film;
    if (!player || !known) return;
    const { at } = state.look;
    if (at) player.playback.wish = at;
    player.choose(chosenBy(state.look, known));
    player.parts.speed.value = String(player.settings.speed);
    if (state.config.digest === config.digest && state.pinned?.digest === pinned?.digest) this.#make();
  }

  /** The film of the run on stage, if it is whole. @type {() => Made | null} */
  #film() {
    return this.films?.known(this.state.config) ?? null;
  }

  /** Fills in all that stands around the film. @type {(made: Made | null) => void} */
  #fill(made) {
    const { root, state, table } = this;
    const { config, pinned, controls, question, talk } = state;
    root.classList.toggle("lab-talks", talk);
    root.classList.toggle("lab-lesson", controls !== null);
    this.knobs.fill(config, controls);
    this.actions.fill(state, made?.film ?? null, this.cancelled);
    find(root, ".lab-watch").textContent = question || (presetOf(state, table)?.watch ?? table.words.watch);
    const said = made?.film.header.sentences;
    if (said) this.#say(pinned ? [differenceWords(pinned, config, table), ...said] : said);
    sayRefused([...this.refusals, ...(this.clash ? [this.clash] : [])], table.link.most_refusals, table.link.why.more);
  }

  /** @type {(sentences: string[]) => void} */
  #say(sentences) {
    const place = find(this.root, ".lab-sentences");
    place.replaceChildren();
    for (const sentence of sentences) if (sentence) make("p", "lab-sentence", place, sentence);
  }

  /** Has the films of the state made, and shows each as soon as it is there. */
  async #make() {
    const { films, player, progress, state: { config, pinned } } = this;
    if (!films || !player) return;
    this.asked += 1;
    const mine = this.asked;
    const wanted = () => this.asked === mine;
    const beside = () => (pinned && films.known(pinned)?.film) ?? null;
    const told = {
      grown: (/** @type {Film} */ film) => {
        if (!wanted()) return;
        this.grown = film;
        player.load(film, beside());
      },
      progress: (/** @type {number} */ share, /** @type {string} */ words) => wanted() && progress.tell(share, words),
    };
    this.grown = null;
    if (this.cancelled) {
      this.cancelled = false;
      this.#say([]);
      this.#fill(null);
    }
    player.say("");
    progress.begin();
    try {
      const made = await films.of(config, told);
      if (!wanted()) return;
      player.load(made.film, beside());
      if (!this.refusals.length) this.bar?.soon(); // the moment of the film before is none of this one
      this.#fill(made);
      if (!pinned || beside()) return;
      const other = await films.of(pinned, { ...told, grown: () => {} });
      if (wanted()) player.load(made.film, other.film);
    } catch (error) {
      if (error instanceof Overtaken || !wanted()) return;
      player.say(error instanceof Error ? error.message : String(error));
    } finally {
      if (wanted()) progress.end();
    }
  }

  /** Gives up the run that is being made; what has grown of it stays on stage. */
  #cancel() {
    this.asked += 1;
    this.films?.engine.cancel();
    this.progress.end();
    this.cancelled = true;
    const made = this.#film(); // where the pinned run alone was given up
    if (!made) this.#say(this.grown ? cancelledWords(this.grown, this.state.config, this.table) : []);
    this.#fill(made);
  }

  #download() {
    const made = this.#film();
    const { config: { classes, dimension, seed } } = this.state;
    if (made) saveFilm(made.film, made.bytes, `collapse-${classes}-classes-${dimension}-dimensions-seed-${seed}`);
  }
}

/** The run whose film a page carries. @type {(film: Film, table: PageTable) => Config} */
export function runOfFilm({ header: { config } }, { parameters }) {
  const known = Object.entries(config ?? {}).filter(([name]) => Object.hasOwn(parameters.known, name));
  return Config.from(Object.fromEntries(known), parameters);
}

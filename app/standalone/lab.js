// The lab in one file: what its knobs, buttons and address ask for, and the films that its engine makes of that.

/** @import { Film } from "../player/film.js" */
/** @import { Parts } from "../player/sentences.js" */
/** @import { PlotlyModule } from "../player/types.d.ts" */
/** @import { Config, Fields, LabState, PageTable } from "./types.d.ts" */
/** @import { Films, Made } from "./films.js" */
import { Overtaken } from "../player/engine/engine.js";
import { Refusal } from "../player/engine/refusal.js";
import { PINNED_AND_NOW } from "../player/labels.js";
import { find, make } from "../player/parts.js";
import { FilmPlayer } from "../player/player.js";
import { standIn } from "../player/poster.js";
import { sentencesIn } from "../player/sentences.js";
import { writeExplained } from "../player/terms.js";
import { Actions, presetOf } from "./actions.js";
import { cancelledWords } from "./cancelled.js";
import { differenceWords, gaveWayWords } from "./compared.js";
import { saveFilm } from "./download.js";
import { holdsOf, turnedTo } from "./facts.js";
import { FragmentBar, moveQuery } from "./fragment.js";
import { Knobs } from "./knobs.js";
import { linkOf, readLink } from "./link.js";
import { pictureOf } from "./picture.js";
import { drawForPaper } from "./printing.js";
import { questionOf, writeOpening } from "./opening.js";
import { Progress, sayRefused } from "./progress.js";
import { settingWords } from "./setting.js";
import { hasAddress, Share } from "./share.js";

export class Lab {
  /**
   * @param {HTMLElement} root
   * @param {PageTable} table
   * @param {Config} first the run whose film the page carries
   */
  constructor(root, table, first) {
    this.root = root;
    this.table = table;
    moveQuery(table.link.keys);
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
    this.question = root.querySelector(".lab-watch b")?.textContent ?? "";
    this.asked = 0;
    this.cancelled = false;
    /** What has grown so far of the film that is being made. @type {Film | null} */
    this.grown = null;
    const places = { rows: find(root, ".lab-rows"), advanced: find(root, ".lab-advanced div"), presets: find(root, ".lab-presets"), actions: find(root, ".lab-actions") };
    this.knobs = new Knobs(places, table, (values, final) => this.turn(values, final));
    this.actions = new Actions(places, table, {
      choose: (changes) => this.show({ ...this.state, ...changes }),
      turn: (values) => this.turn(values),
      download: () => this.#download(),
      goOn: () => this.#make(),
      reset: () => this.show(this.home),
    });
    this.share = new Share(find(root, ".lab-share"), table, (changes) => this.#address(changes));
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
    this.bar = new FragmentBar(player, (keys) => linkOf(this.state, keys, this.table), () => this.show({ ...this.state, talk: false }));
    player.address = this.bar;
    drawForPaper(player);
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

  /** @type {(state: LabState, anew?: boolean) => void} */
  #put(state, anew = false) {
    const { player, state: { config, pinned } } = this;
    this.state = state;
    this.clash = "";
    if (anew || state.config.digest !== config.digest || state.pinned?.digest !== pinned?.digest) this.#make(); // the engine runs meanwhile
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
    if (this.player) this.player.look = state.look;
    this.#put(state, true);
  }

  /** The whole address of the page's state, with some of it changed; only what stands after it where there is none. @type {(changes: Partial<LabState>) => string} */
  #address(changes) {
    const link = linkOf({ ...this.state, ...changes }, this.player?.lookKeys ?? {}, this.table);
    return hasAddress() ? `${location.href.split("#", 1)[0]}${link}` : link || "#";
  }

  /** The film of the run on stage, if it is whole. @type {() => Made | null} */
  #film() {
    return this.films?.known(this.state.config) ?? null;
  }

  /** Fills in all that stands around the film. @type {(made: Made | null) => void} */
  #fill(made) {
    const { root, state, table } = this;
    const { config, controls, talk } = state;
    root.classList.toggle("lab-talks", talk);
    root.classList.toggle("lab-lesson", controls !== null);
    this.knobs.fill(config, controls);
    this.share.fill(state);
    this.actions.fill(state, made?.film ?? null, this.cancelled);
    const disputed = root.querySelector(".lab-disputed"); // a saved film has none
    if (disputed instanceof HTMLElement) disputed.hidden = !holdsOf(["decayed"], config);
    this.#tell(made?.film ?? null);
    sayRefused([...this.refusals, ...(this.clash ? [this.clash] : [])], table.link.most_refusals, table.link.why.more);
  }

  /** Says what is true of the film of the state; null leaves the question and the sentences of the one on stage. @type {(film: Film | null) => void} */
  #tell(film) {
    const { root, table, state } = this;
    const { config, pinned, controls, question, talk } = state;
    const { opening } = table.words;
    if (film) this.question = questionOf(film.header, opening);
    const watch = () => presetOf(state, table)?.watch ?? (controls ? opening.of_any : settingWords(config, table));
    writeOpening(find(root, ".lab-watch"), question || controls || talk ? "" : this.question, question || watch());
    if (!film) return;
    const said = sentencesIn(film);
    this.#say(pinned ? [differenceWords(pinned, config, table), ...said] : said, film.header.partial);
  }

  /** Writes the sentences under the film; those of one that `grows` are not read out. @type {(sentences: (string | Parts)[], grows?: boolean) => void} */
  #say(sentences, grows = false) {
    const place = find(this.root, ".lab-sentences");
    place.setAttribute("aria-busy", String(grows));
    place.replaceChildren();
    for (const sentence of sentences) if (sentence) writeExplained(make("p", "lab-sentence", place), sentence);
  }

  /** Has the films of the state made, and shows each as soon as it is there. */
  async #make() {
    const { films, player, progress, state: { config, pinned } } = this;
    if (!films || !player) return;
    this.asked += 1;
    const mine = this.asked;
    const wanted = () => this.asked === mine;
    const beside = () => (pinned && films.known(pinned)?.film) ?? null;
    const load = (/** @type {Film} */ film, other = beside()) => player.load(other ? [other, film] : [film], PINNED_AND_NOW);
    const told = {
      grown: (/** @type {Film} */ film) => {
        if (!wanted()) return;
        this.grown = film;
        load(film);
        this.#tell(film);
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
    player.ticker.rest();
    progress.begin();
    try {
      const made = await films.of(config, told);
      if (!wanted()) return;
      load(made.film);
      if (!this.refusals.length) this.bar?.soon(); // the moment of the film before is none of this one
      this.#fill(made);
      if (!pinned || beside()) return;
      const other = await films.of(pinned, { ...told, grown: () => {} });
      if (wanted()) load(made.film, other.film);
    } catch (error) {
      if (error instanceof Overtaken || !wanted()) return;
      player.say(error instanceof Error ? error.message : String(error));
    } finally {
      if (wanted()) progress.end();
    }
  }

  /** Gives up the run that is being made; what has grown of it stays on stage. */
  #cancel() {
    const held = this.progress.held;
    this.asked += 1;
    this.films?.engine.cancel();
    this.progress.end();
    this.cancelled = true;
    const made = this.#film(); // where the pinned run alone was given up
    if (!made) this.#say(this.grown ? cancelledWords(this.grown, this.state.config, this.table) : []);
    this.#fill(made);
    if (held) this.actions.buttons.get("go_on")?.focus();
  }

  #download() {
    const [made, theme] = [this.#film(), this.player?.theme.now];
    if (!made || !theme) return;
    const { config: { classes, dimension, seed } } = this.state;
    const picture = pictureOf(made.film, theme, this.table.words.picture);
    saveFilm(made.film, made.bytes, picture, `collapse-${classes}-classes-${dimension}-dimensions-seed-${seed}`);
  }
}

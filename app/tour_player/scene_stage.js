// The stage of a tour: one film player that lives through all scenes, and plays each film to where its scene waits.

/** @import { Film } from "../player/film.js" */
/** @import { PlotlyModule } from "../player/types.d.ts" */
/** @import { SceneFilmData } from "./types.d.ts" */
import { PINNED_AND_NOW } from "../player/labels.js";
import { lookKeys, momentKey, withLook } from "../player/look.js";
import { find, make } from "../player/parts.js";
import { FilmPlayer } from "../player/player.js";
import { standIn } from "../player/poster.js";
import { chosenBy, USUAL } from "../player/settings.js";
import { sceneFilm } from "./scene_film.js";

/** What stands on the stage: the film of a scene, and the one beside it. @typedef {{ scene: SceneFilmData, film: Film, pinned: Film | null }} Staged */

/** A wait that is shorter is none. */
const PATIENCE_MS = 300;

export class SceneStage {
  /**
   * @param {HTMLElement} box holds the root of the film player
   * @param {Promise<PlotlyModule>} Plotly
   * @param {(digest: string) => Promise<Film>} films
   * @param {(frame: number) => void} follow called with each frame of the scene's film that is shown
   */
  constructor(box, Plotly, films, follow) {
    this.box = box;
    this.root = find(box, ".fp");
    this.Plotly = Plotly;
    this.films = films;
    /** @type {FilmPlayer | null} */
    this.player = null;
    /** @type {Staged | null} */
    this.staged = null;
    this.message = make("p", "tour-wait", box);
    this.message.setAttribute("role", "status");
    this.message.hidden = true;
    this.asked = 0;
    this.gone = false;
    this.far = false;
    this.watch = new MutationObserver(() => { if (this.frame !== null) follow(this.frame); });
    this.watch.observe(this.root, { attributes: true, attributeFilter: ["data-frame", "data-digest"] });
  }

  /** Whether the film is on its way to where it waits. */
  get moves() {
    return this.player?.clock.playing ?? false;
  }

  /** The frame of the scene's film that is shown; null where another one is. */
  get frame() {
    const { player, staged } = this;
    if (!staged || !player?.shown || !player.film || player.film.digest !== staged.film.digest) return null;
    const { film, shown: { lead }, clock: { frame } } = player;
    return film === lead ? frame : film.frameBeside(lead, frame);
  }

  /**
   * Shows the film of a scene; null takes the stage away. It plays from its beginning to where it waits, and stands at its
   * end where all was told that the scene `asks`: until then nothing is seen of where the run tends to. A scene that is
   * asked for later overtakes this one.
   * @type {(scene: SceneFilmData | null, asks: "nothing" | "still" | "no more") => Promise<void>}
   */
  async show(scene, asks) {
    this.asked += 1;
    const asked = this.asked;
    this.staged = null;
    this.box.hidden = scene === null;
    this.player?.clock.seek(this.player.clock.frame);
    if (!scene) return;
    const waiting = setTimeout(() => this.#say("The film is on its way."), PATIENCE_MS);
    try {
      const [Plotly, film, pinned] = await Promise.all([this.Plotly, this.films(scene.digest), scene.pinned ? this.films(scene.pinned) : null]);
      if (asked !== this.asked || this.gone) return;
      this.staged = { scene, film, pinned };
      this.#say("");
      this.#begin(Plotly, this.staged, asks);
    } catch (error) {
      if (asked === this.asked) this.#say(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(waiting);
    }
  }

  /** The query of a link to what is seen of a scene's film: the knobs as they were turned, the moment, the view. @type {(scene: SceneFilmData) => string} */
  linkOf(scene) {
    const { staged, player, frame } = this;
    const shown = player?.shown;
    if (staged?.scene !== scene || !shown || !player.film) return `?${scene.link ?? ""}`;
    const link = new URLSearchParams(scene.link ?? "");
    const film = frame === null ? player.film : staged.film; // the whole one: of a network a moment is a share of it
    const now = film.header.config ?? {};
    for (const [name, value] of Object.entries(scene.config ?? {})) if (String(now[name]) !== String(value)) link.set(name, String(now[name]));
    const look = { ...lookKeys(shown, player.settings, { wish: null, frame: null }), at: momentKey(film, frame ?? player.clock.frame) };
    return withLook(`?${String(link).replaceAll("%2C", ",").replaceAll("%3A", ":")}`, look);
  }

  /** Goes on, once all is answered, to where the scene ends. */
  goOn() {
    const { staged, player } = this;
    if (!staged || !player) return;
    this.#load(player, staged, staged.scene.then, true);
    this.#playFrom(player, staged.scene.until);
  }

  /** Goes at once to where the film waits. */
  arrive() {
    this.player?.last();
  }

  /** Shows all large enough for a room's last row, or as usual. @type {(far: boolean) => void} */
  showFar(far) {
    this.far = far;
    this.player?.choose({ far });
  }

  /** Shows another film in the place of the scene's, whole, and `plays` it or not; null brings that back. @type {(film: Film | null, plays?: boolean) => void} */
  turn(film, plays = false) {
    const { staged, player } = this;
    if (!staged || !player) return;
    if (film) this.#load(player, { ...staged, film, pinned: null }, film.frames - 1, true);
    else this.#load(player, staged, staged.scene.then, true);
    if (plays) this.#playFrom(player, 0);
  }

  destroy() {
    this.gone = true;
    this.watch.disconnect();
    this.player?.destroy();
  }

  /** @type {(Plotly: PlotlyModule, staged: Staged, asks: "nothing" | "still" | "no more") => void} */
  #begin(Plotly, staged, asks) {
    const { scene, film } = staged;
    const ended = asks === "no more";
    this.box.classList.toggle("tour-bare", !scene.show.length);
    const player = this.player ?? this.#made(Plotly);
    this.#load(player, staged, ended ? scene.then : scene.until, asks !== "still");
    player.choose({ view: USUAL.view, cameras: USUAL.cameras, speed: USUAL.speed, ...chosenBy(scene.look, film) });
    if (ended) this.arrive();
    else this.#playFrom(player, scene.begins);
  }

  /** The picture in whose place the player comes stays until the first frame is drawn. @type {(Plotly: PlotlyModule) => FilmPlayer} */
  #made(Plotly) {
    const picture = this.root.querySelector(".fp-picture");
    const player = new FilmPlayer(this.root, Plotly);
    this.player = player;
    player.choose({ far: this.far });
    if (picture) standIn(picture, player);
    return player;
  }

  /** @type {(player: FilmPlayer, staged: Staged, last: number, ideal: boolean) => void} */
  #load(player, { scene, film, pinned }, last, ideal) {
    const beside = pinned && sceneFilm(pinned, last < film.frames - 1 ? pinned.frameBeside(film, last) : pinned.frames - 1, scene.show, ideal);
    const cut = sceneFilm(film, last, scene.show, ideal);
    this.box.style.setProperty("--tour-panels", String(cut.header.panels.length));
    player.load(beside ? [beside, cut] : [cut], PINNED_AND_NOW);
  }

  /** Plays from a frame of the scene's film; whoever asks for less motion sees the end at once. @type {(player: FilmPlayer, frame: number) => void} */
  #playFrom(player, frame) {
    player.seekOwn(frame);
    if (player.playback.calm.matches) player.last();
    else if (!player.clock.atEnd) player.playOrPause();
  }

  /** @type {(words: string) => void} */
  #say(words) {
    this.message.textContent = words;
    this.message.hidden = !words;
  }
}

// The film player: shows one film, or two on one clock. It owns clock, stage, curves and all that lies around them.

import { AddressBar } from "./address.js";
import { Curves, shownClock } from "./curves.js";
import { giveKeysBack, listenToKeys } from "./keys.js";
import { buildLayout, fitWidth } from "./layout.js";
import { Lens } from "./lens.js";
import { leadingFrame, lookKeys } from "./look.js";
import { drawMatrix } from "./matrix.js";
import { onResize, writeWords } from "./parts.js";
import { Playback } from "./playback.js";
import { chosenBy, shownView, USUAL, withChanges } from "./settings.js";
import { Stage } from "./stage.js";
import { Teller } from "./teller.js";
import { PageTheme } from "./theme.js";
import { Ticker } from "./ticker.js";
import { turnByFinger } from "./touch.js";
import { fillWords, sideWords } from "./words.js";

/** @import { Film } from "./film.js" */
/** @import { Look, PlotlyModule, Settings, Shown } from "./types.d.ts" */

export class FilmPlayer {
  /**
   * @param {HTMLElement} root
   * @param {PlotlyModule} Plotly
   * @param {{ talk?: boolean, panels?: string, look?: Look, link?: string }} page `look` is what a
   *   link chose; `link` is there where the player stands in a page whose address it keeps
   */
  constructor(root, Plotly, { talk = false, panels = "run", look = {}, link } = {}) {
    this.root = root;
    this.playback = new Playback();
    this.clock = this.playback.clock;
    this.look = look;
    this.settings = USUAL;
    /** @type {Shown | null} */
    this.shown = null;
    this.theme = new PageTheme(root, () => this.render());
    this.ticker = new Ticker((seconds) => this.#tick(seconds));
    this.address = link === undefined ? null : new AddressBar(this);
    this.parts = buildLayout(this, root);
    this.stage = new Stage(this.parts.plot, Plotly, {
      redrawn: () => this.shown && fillWords(this, this.shown), moved: (cameras) => this.choose({ cameras }),
    });
    this.teller = new Teller(root, this.parts);
    this.lens = new Lens(this.parts.plot, this.stage);
    this.curves = new Curves(this.parts.curves, this.parts.note, Plotly, (frame) => this.seek(frame));
    this.abort = new AbortController();
    this.choose({ talk, panels });
    this.#listen(this.abort.signal);
    this.measure = onResize(root, () => fitWidth(root));
    fitWidth(root);
  }

  /** The present film; null before the first has come. @type {Film | null} */
  get film() {
    return this.shown?.films.at(-1) ?? null;
  }

  /** The film it is compared with. @type {Film | null} */
  get pinned() {
    return this.shown && this.shown.films.length > 1 ? this.shown.films[0] : null;
  }

  /** What a link says of how the film is looked at. */
  get lookKeys() {
    const { shown, settings, playback } = this;
    return shown && lookKeys(shown, settings, { wish: playback.wish, frame: playback.stoppedAt });
  }

  /**
   * Plays `film`, with `pinned` beside it on the same clock, keeping playhead and settings. The clock is that of the film
   * that goes on longer.
   * @type {(film: Film, pinned?: Film | null) => void}
   */
  load(film, pinned = null) {
    const { film: last, clock } = this;
    const shown = { films: pinned ? [pinned, film] : [film], lead: pinned?.outlasts(film) ? pinned : film };
    this.shown = shown;
    this.teller.hurry();
    if (!last) this.#lookAsAsked(film);
    this.playback.take(film, last, shown.lead);
    this.settings = withChanges(this.settings, { clock: shownClock(shown.films, this.settings.clock) });
    fillWords(this, shown);
    this.theme.read();
    this.render();
    if (clock.playing) this.parts.live.textContent = film.header.title; // not the moment of the film before
    this.root.dataset.digest = film.digest;
    this.root.dataset.partial = String(film.partial);
    this.ticker.start();
  }

  /** What a link chose, before its first film. @type {(film: Film) => void} */
  #lookAsAsked(film) {
    this.settings = withChanges(this.settings, chosenBy(this.look, film));
    this.parts.speed.value = String(this.settings.speed);
    const { at } = this.look;
    if (at && typeof at === "object") this.playback.wish = at;
  }

  /**
   * Changes what the viewer has chosen, and shows it. A turned camera concerns the stage alone.
   * @type {(changes: Partial<Settings>) => void}
   */
  choose(changes) {
    const before = this.settings;
    this.settings = withChanges(before, changes);
    const { settings, stage, shown } = this;
    this.root.classList.toggle("fp-talk", settings.talk);
    if (!shown) return;
    if (settings.view !== before.view) fillWords(this, shown);
    const isTurn = Object.keys(changes).every((name) => name === "cameras");
    if (isTurn && stage.picture) stage.render({ ...stage.picture, settings });
    else this.render();
    if (settings.view !== before.view || settings.raw !== before.raw) this.ticker.start(); // once more, when Plotly has settled
    this.address?.soon();
  }

  /** Says something in place of a film, or over the last good one. @type {(words: string) => void} */
  say(words) {
    this.parts.message.textContent = words;
    this.parts.message.hidden = !words;
  }

  /** Draws everything with the colours of the page, if they changed. */
  restyle() {
    if (this.theme.read()) this.render();
  }

  playOrPause() {
    this.playback.playOrPause();
    this.address?.soon();
    this.render();
    this.ticker.start();
  }

  /** @type {(frame: number) => void} */
  seek(frame) {
    this.playback.seek(frame);
    this.address?.soon();
    this.render();
  }

  /** Goes to where the present film shows one of its own frames. @type {(frame: number) => void} */
  seekOwn(frame) {
    if (this.shown) this.seek(leadingFrame(this.shown, frame));
  }

  back() { this.seek(this.clock.frame - 1); }
  forward() { this.seek(this.clock.frame + 1); }
  first() { this.seek(0); }
  last() { this.seek(this.clock.frames - 1); }
  sample() { this.lens.next(); }
  loop() {
    this.settings = withChanges(this.settings, { loop: !this.settings.loop });
    this.parts.loop.setAttribute("aria-pressed", String(this.settings.loop));
  }
  figures() {
    this.parts.table.close();
    this.parts.figures.toggle(this.parts.inWords);
  }
  matrix(opener = this.parts.matrices[1].opener) {
    this.parts.figures.close();
    this.parts.table.toggle(opener);
  }
  /** Closes what is open, the last thing first; then the full stage. */
  escape() {
    const { curves, parts, lens } = this;
    if (!curves.titles.close() && !parts.table.close() && !parts.figures.close() && !lens.close()) this.full(false);
  }
  full(on = !this.root.classList.contains("fp-full")) {
    this.root.classList.toggle("fp-full", on);
    this.parts.full.setAttribute("aria-pressed", String(on));
  }

  /** @type {(factor: number) => void} */
  zoom(factor) {
    this.choose({ cameras: this.stage.zoomed(factor) });
  }

  /** @type {(across: number, up: number) => void} */
  turn(across, up) {
    const cameras = this.stage.turned(across, up);
    if (cameras) this.choose({ cameras });
  }

  /** Shows the present frame as the settings say; each part draws anew only what has changed. */
  render() {
    const { shown, settings, theme: { now: theme }, clock, parts } = this;
    if (!shown || !theme) return;
    const { films, lead } = shown;
    const frame = clock.frame;
    const frames = films.map((each) => (each === lead ? frame : each.frameBeside(lead, frame)));
    const own = frames[frames.length - 1];
    this.stage.render({ films, settings, theme, frames, seconds: clock.seconds });
    this.lens.draw();
    const due = this.teller.isDue(clock.playing);
    this.curves.render({ films, lead, settings, theme }, frame, own, due);
    const cosines = films.map((each, i) => each.at(settings.weights ? "cosines_w" : "cosines", frames[i]));
    const matrices = parts.matrices.slice(-films.length);
    const said = matrices.map(({ canvas }, i) => drawMatrix(canvas, cosines[i], films[i].classes, theme.groundRgb));
    parts.table.draw(cosines, settings.weights ? "classifiers" : "class means", theme.groundRgb, clock.playing);
    parts.figures.draw(own);
    sideWords(shown, frames).forEach((words, i) => { writeWords(parts.sides.children[i], words); });
    this.teller.tell(lead, clock, due);
    this.teller.speak(films, frames, said, clock.playing);
  }

  destroy() {
    this.abort.abort();
    this.address?.destroy();
    this.theme.destroy();
    this.measure.disconnect();
    this.ticker.stop();
    this.lens.destroy();
    this.parts.table.destroy();
    this.parts.figures.destroy();
    this.stage.destroy();
    this.curves.destroy();
    this.root.replaceChildren();
  }

  /** The tour turns with the film alone: a film that stands still is still. */
  #touring() {
    const films = this.shown?.films ?? [];
    return films.some(({ axes }) => axes > 3) && shownView(films, this.settings.view) === "tour";
  }

  /**
   * Lets time pass, and shows what it moves; answers whether anything goes on moving.
   * @type {(seconds: number) => boolean}
   */
  #tick(seconds) {
    const { clock } = this;
    const { frame, playing } = clock;
    if (playing) clock.advance(seconds, this.settings);
    if (clock.frame !== frame || clock.playing !== playing || !playing || this.#touring()) this.render();
    return clock.playing;
  }

  /** @type {(signal: AbortSignal) => void} */
  #listen(signal) {
    listenToKeys(this, signal);
    document.addEventListener("visibilitychange", () => this.ticker.forget(), { signal });
    giveKeysBack(this.root, signal);
    turnByFinger(this.parts.plot, (across, up) => this.turn(across, up), signal);
  }
}

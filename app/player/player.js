// The film player: shows up to four films on one clock. It owns clock, stage, curves and all that lies around them.

import { AddressBar } from "./address.js";
import { CLASSIFIERS } from "./cosines.js";
import { Curves, shownClock } from "./curves.js";
import { FilmMessages } from "./film_messages.js";
import { giveKeysBack, listenToKeys } from "./keys.js";
import { Labels } from "./labels.js";
import { buildLayout, fitWidth } from "./layout.js";
import { Lens } from "./lens.js";
import { leadingFrame, lookKeys } from "./look.js";
import { onResize } from "./parts.js";
import { Playback } from "./playback.js";
import { chosenOf, differ, isTouring, lookedAt, sized, spokenBy, USUAL, withChanges } from "./settings.js";
import { Stage } from "./stage.js";
import { TalkControls } from "./talk_controls.js";
import { Teller } from "./teller.js";
import { PageTheme } from "./theme.js";
import { Ticker } from "./ticker.js";
import { turnByFinger } from "./touch.js";
import { fillWords } from "./words.js";

/** @import { Film } from "./film.js" */
/** @import { Look, PlotlyModule, Settings, Shown } from "./types.d.ts" */

export class FilmPlayer {
  /**
   * @param {HTMLElement} root
   * @param {PlotlyModule | null} Plotly null where the stage is to be drawn without, until it comes
   * @param {{ talk?: boolean, panels?: string, look?: Look, link?: string }} page `look` is what a
   *   link chose, for the first film; `link` is there where the player stands in a page whose address it keeps
   */
  constructor(root, Plotly, { talk = false, panels = "run", look = {}, link } = {}) {
    this.root = root;
    this.playback = new Playback();
    this.clock = this.playback.clock;
    /** How a link asks the next film to be looked at; null where it goes on as it is. @type {Look | null} */
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
    this.labels = new Labels(this.parts.sides, this.parts.pens, (film) => this.choose({ film }));
    this.teller = new Teller(root, this.parts);
    this.lens = new Lens(this.parts.plot, this.stage);
    this.curves = new Curves(this.parts.curves, this.parts.note, (frame) => this.seek(frame), (allCurves) => this.choose({ allCurves }));
    this.abort = new AbortController();
    this.messages = new FilmMessages(this, this.abort.signal);
    this.talk = new TalkControls(this, this.abort.signal);
    this.choose({ talk, panels, ...spokenBy(look) });
    this.#listen(this.abort.signal);
    this.measure = onResize(root, () => { fitWidth(root); this.choose({}); });
    fitWidth(root);
  }

  /** The present film; null before the first has come. @type {Film | null} */
  get film() {
    return this.shown?.films.at(-1) ?? null;
  }

  /** The film whose figures are read. @type {Film | null} */
  get chosen() {
    return this.shown && chosenOf(this.shown.films, this.settings);
  }

  /** What a link says of how the film is looked at. */
  get lookKeys() {
    const { shown, settings, playback } = this;
    return shown && lookKeys(shown, settings, { wish: playback.wish, frame: playback.stoppedAt });
  }

  /**
   * Plays films side by side on one clock, under their `names`, keeping playhead and settings; the last is the present
   * one. The clock is that of the film that goes on longest.
   * @type {(films: Film[], names?: string[]) => void}
   */
  load(films, names = []) {
    const { film: last, clock } = this;
    const film = films[films.length - 1];
    const shown = { films, names, lead: films.reduceRight((lead, each) => (each.outlasts(lead) ? each : lead)) };
    this.shown = shown;
    this.teller.hurry();
    const { look } = this;
    if (look) {
      this.settings = lookedAt(this.settings, look, film);
      this.parts.speed.value = String(this.settings.speed);
      if (look.at && typeof look.at === "object") this.playback.wish = look.at;
      this.look = null;
    }
    this.playback.take(film, last, shown.lead);
    this.settings = withChanges(this.settings, { clock: shownClock(shown.films, this.settings.clock) });
    fillWords(this, shown);
    this.theme.read();
    this.render();
    if (clock.playing) this.parts.live.textContent = film.header.title; // not the moment of the film before
    this.root.dataset.digest = film.digest;
    this.root.dataset.partial = String(film.partial);
    this.messages.film();
    this.ticker.start();
  }

  /**
   * Changes what the viewer has chosen, and shows it. A turned camera concerns the stage alone.
   * @type {(changes: Partial<Settings>) => void}
   */
  choose(changes) {
    const before = this.settings;
    this.settings = sized(withChanges(before, changes), innerWidth, innerHeight);
    const { settings, stage, shown } = this;
    this.root.style.setProperty("--fp-big", String(settings.big));
    this.talk.follow(settings);
    if (!shown) return;
    if (differ(settings, before, ["view", "film"])) fillWords(this, shown);
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
  restyle() { if (this.theme.read()) this.render(); }

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

  /** Goes to where a film, or the present one, shows one of its own frames. @type {(frame: number, film?: Film | null) => void} */
  seekOwn(frame, film = this.film) { if (this.shown && film) this.seek(leadingFrame(this.shown.lead, film, frame)); }

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
  /** Has the figures of a film read, if there are so many. @type {(film: number) => void} */
  read(film) { if (this.shown?.films[film]) this.choose({ film }); }
  matrix(opener = this.parts.matrices[(this.shown?.films.length ?? 1) - 1].opener) {
    this.parts.figures.close();
    this.parts.table.toggle(opener);
  }
  /** Closes what is open, the last thing first; then the full stage, then talk mode. */
  escape() {
    const { curves, parts, lens, root } = this;
    if (curves.titles.close() || parts.table.close() || parts.figures.close() || lens.close()) return;
    if (this.settings.talk && !root.classList.contains("fp-full")) this.address?.leaveTalk();
    else this.full(false);
  }
  full(on = !this.root.classList.contains("fp-full")) {
    this.root.classList.toggle("fp-full", on);
    this.parts.full.setAttribute("aria-pressed", String(on));
  }

  /** @type {(factor: number) => void} */
  zoom(factor) { this.choose({ cameras: this.stage.zoomed(factor) }); }

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
    const chosen = chosenOf(films, settings), own = frames[films.indexOf(chosen)];
    this.stage.render({ films, settings, theme, frames, seconds: clock.seconds });
    this.lens.draw();
    const due = this.teller.isDue(clock.playing);
    this.curves.render({ ...shown, chosen, settings, theme }, frame, own, due);
    const cosines = films.map((each, i) => each.at(settings.weights ? "cosines_w" : "cosines", frames[i]));
    const matrices = parts.matrices.slice(0, films.length);
    const said = matrices.map(({ picture }, i) => picture.draw(cosines[i], films[i].classes, theme.groundRgb, films[i].idealCosines(settings.weights), films[i].header.crowd));
    parts.table.draw(cosines, settings.weights ? CLASSIFIERS : "class means", theme.groundRgb, clock.playing);
    parts.figures.draw(own);
    this.labels.draw(shown, frames, chosen, theme);
    this.teller.tell(lead, clock, due);
    if (due) this.messages.moment();
    if (due) this.talk.tell(chosen, own);
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

  /**
   * Lets time pass, and shows what it moves; answers whether anything goes on moving.
   * @type {(seconds: number) => boolean}
   */
  #tick(seconds) {
    const { clock } = this;
    const { frame, playing } = clock;
    if (playing) clock.advance(seconds, this.settings);
    if (clock.frame !== frame || clock.playing !== playing || !playing || isTouring(this.shown?.films ?? [], this.settings.view)) this.render(); // a tour turns with the film alone
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

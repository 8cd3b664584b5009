// The film player: one film, or two on one clock.

import { Clock } from "./clock.js";
import { Curves } from "./curves.js";
import { giveKeysBack, KEYS, TURNS, usesKey } from "./keys.js";
import { buildLayout, fillSides, fillWords, ofBoth, themeOf } from "./layout.js";
import { Lens } from "./lens.js";
import { AddressBar, applyLook, frameAt, sameKind } from "./look.js";
import { drawMatrix } from "./matrix.js";
import { momentWords } from "./moment.js";
import { onResize, setIcon } from "./parts.js";
import { Stage } from "./stage.js";
import { turnByFinger } from "./touch.js";

const SPOKEN_EVERY_MS = 1500;
const [WIDE, NARROW] = [820, 480]; // pixels

export class FilmPlayer {
  /** `look` is what a link chose; `link` is there where the player stands in a page whose address it keeps. */
  constructor(root, Plotly, { talk = false, autoplay = true, look = {}, link } = {}) {
    this.root = root;
    this.clock = new Clock();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.autoplay = autoplay;
    this.onWeights = false;
    this.look = look;
    this.address = link === undefined ? null : new AddressBar(this);
    buildLayout(this);
    this.stage = new Stage(this.parts.plot, Plotly, { redrawn: () => fillWords(this), moved: () => this.looked() });
    this.lens = new Lens(this.parts.plot, this.stage);
    this.curves = new Curves(this.parts.curves, this.parts.note, Plotly, (frame) => this.seek(frame));
    this.setTalk(talk);
    this.abort = new AbortController();
    const { signal } = this.abort;
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    giveKeysBack(root, signal);
    turnByFinger(this.parts.plot, (across, up) => this.film && this.stage.turn(across, up), signal);
    document.addEventListener("visibilitychange", () => { this.drawnAt = undefined; }, { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle(), { signal });
    this.measure = onResize(root, () => this.#fit());
    this.#fit();
    this.painter = new MutationObserver(() => this.restyle());
    this.painter.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  }

  /**
   * Plays `film`, with `pinned` beside it on the same clock, keeping camera, playhead, speed and loop. The clock is
   * that of `lead`, the film that goes on longer.
   */
  load(film, pinned = null) {
    const isFirst = !this.film;
    const still = this.clock.frames < 2; // nothing could be played so far
    const another = !isFirst && this.film.digest !== film.digest && !sameKind(this.film, film);
    const growing = film.partial || this.film?.digest === film.digest;
    const restart = this.autoplay && !this.calm.matches && !this.paused;
    const films = pinned ? [pinned, film] : [film];
    Object.assign(this, { film, pinned, films, lead: pinned?.outlasts(film) ? pinned : film, spoken: -Infinity });
    if (isFirst) applyLook(this, film, this.look);
    this.clock.take(this.lead.frames, { another, growing, restart });
    if ((still || another) && this.calm.matches) this.clock.seek(Infinity);
    else if (still && this.autoplay && !this.paused) this.clock.play();
    this.#keepWish();
    this.curves.fitClock(films);
    fillWords(this);
    this.restyle(true);
    if (this.clock.playing) this.parts.live.textContent = film.header.title; // not the moment of the film before
    this.root.dataset.digest = film.digest;
    this.root.dataset.partial = String(film.partial);
    this.#run();
  }

  /** Goes to the moment that the link named, as soon as the film has grown so far. */
  #keepWish() {
    const frame = this.wish ? frameAt(this.lead, this.wish) : null;
    if (frame !== null) {
      this.clock.seek(frame);
      this.paused = true;
    }
    if (frame !== null || !this.lead.partial) this.wish = null;
  }

  /** A person has chosen another view, camera, moment or speed. */
  looked() {
    this.address?.soon();
  }

  /** Says something in place of a film, or over the last good one. */
  say(words) {
    this.parts.message.textContent = words;
    this.parts.message.hidden = !words;
  }

  /** Chooses which panels stand beside the stage: "run", "figure-2", "figure-2-uncentred" or "theorem". */
  setPanels(set) {
    const changed = this.curves.set !== set;
    this.curves.set = set;
    if (changed && this.film) this.restyle(true);
  }

  setTalk(talk) {
    this.root.classList.toggle("fp-talk", talk);
    const changed = this.stage.talk !== talk;
    this.stage.talk = talk;
    if (changed && this.film) this.restyle(true);
  }

  /** Reads the page's colours again, and draws everything with them if they changed. */
  restyle(anyway = false) {
    const theme = themeOf(this.root);
    if (!this.film || (!anyway && JSON.stringify(theme) === JSON.stringify(this.theme))) return;
    this.theme = theme;
    this.stage.show(this.films, theme);
    this.curves.show(this.film, this.pinned, this.lead, theme);
    this.draw();
  }

  playOrPause() {
    if (this.clock.playing) this.clock.playing = false;
    else this.clock.play();
    this.#stopped(!this.clock.playing);
    this.draw();
    this.#run();
  }

  seek(frame) {
    this.clock.seek(frame);
    this.#stopped(true);
    this.draw();
  }

  /** Whether a person has stopped the film or set it going: what the link wished for is over. */
  #stopped(paused) {
    Object.assign(this, { paused, wish: null });
    this.looked();
  }

  /** Goes to where the present film shows one of its own frames. */
  seekOwn(frame) {
    const { film, lead } = this;
    let there = film === lead ? frame : lead.frameBeside(film, frame);
    if (film !== lead && film.frameBeside(lead, there) < frame) there += 1;
    this.seek(there);
  }

  back() { this.seek(this.clock.frame - 1); }
  forward() { this.seek(this.clock.frame + 1); }
  first() { this.seek(0); }
  last() { this.seek(this.clock.frames - 1); }
  loop() { this.parts.loop.click(); }
  sample() { this.lens.next(); }
  figures() {
    this.parts.table.close();
    this.parts.figures.toggle(this.parts.inWords);
  }
  matrix(opener = this.parts.matrices.at(-1).opener) {
    this.parts.figures.close();
    this.parts.table.toggle(opener);
  }
  full(on = !this.root.classList.contains("fp-full")) {
    this.root.classList.toggle("fp-full", on);
    this.parts.full.setAttribute("aria-pressed", String(on));
  }

  /** Draws the present frame everywhere. */
  draw() {
    const { films, film, lead, clock, parts, root } = this;
    const frame = clock.frame;
    const frames = films.map((each) => (each === lead ? frame : each.frameBeside(lead, frame)));
    const moment = lead.moment(frame);
    this.stage.draw(frames, clock.seconds);
    this.lens.draw();
    this.curves.draw(frame, frames.at(-1));
    const matrices = parts.matrices.slice(-films.length);
    const cosines = films.map((each, i) => each.at(this.onWeights ? "cosines_w" : "cosines", frames[i]));
    const said = matrices.map(({ canvas }, i) => drawMatrix(canvas, cosines[i], films[i].classes, this.theme.groundRgb));
    parts.table.draw(cosines, this.onWeights ? "classifiers" : "class means", this.theme.groundRgb, clock.playing);
    parts.figures.draw(frames.at(-1));
    fillSides(this, frames);
    parts.scrub.value = String(frame);
    parts.scrub.setAttribute("aria-valuetext", moment);
    parts.moment.textContent = moment;
    if (root.dataset.playing !== String(clock.playing)) {
      setIcon(parts.play, clock.playing ? "pause" : "play", clock.playing ? "Pause" : "Play", "Space");
    }
    const { step, time, log_time: logTime } = lead.clock;
    const data = { frame, frames: lead.frames, playing: clock.playing, step: step[frame] };
    const times = { time: time[frame] ?? "inf", logTime: logTime[frame] ?? "-inf" }; // inf: past what float64 holds
    Object.assign(root.dataset, data, lead.timed || !lead.clock.epoch ? times : { time: "unknown", logTime: "unknown" });
    this.#speak(frames, matrices.map(({ letter, canvas }, i) => [canvas, films.length > 1 ? `${letter}: ${said[i]}` : said[i]]));
  }

  destroy() {
    this.abort.abort();
    this.address?.destroy();
    this.painter.disconnect();
    this.measure.disconnect();
    cancelAnimationFrame(this.request);
    this.lens.destroy();
    this.parts.table.destroy();
    this.parts.figures.destroy();
    this.stage.destroy();
    this.curves.destroy();
    this.root.replaceChildren();
  }

  #fit() {
    this.root.classList.toggle("fp-wide", this.root.clientWidth >= WIDE);
    this.root.classList.toggle("fp-narrow", this.root.clientWidth < NARROW);
  }

  /** The tour turns with the film alone: a film that stands still is still. */
  #touring() {
    return this.stage.viewName === "tour" && this.films.some(({ axes }) => axes > 3);
  }

  /** Asks for the next frame while anything moves. */
  #run() {
    cancelAnimationFrame(this.request);
    this.drawnAt = undefined;
    const tick = (now) => {
      const seconds = Math.min(1, (now - (this.drawnAt ?? now)) / 1000);
      this.drawnAt = now;
      const before = this.clock.frame;
      const playing = this.clock.playing;
      if (playing) this.clock.advance(seconds);
      if (this.clock.frame !== before || this.clock.playing !== playing || !playing || this.#touring()) this.draw();
      if (this.clock.playing) this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
  }

  /** The view, the clock of the curves and the rest of the choices redraw the still picture too. */
  changed() {
    this.restyle(true);
    this.#run();
  }

  /** Keeps what a screen reader finds; says it politely where the film stands still, once a moment. */
  #speak(frames, matrices) {
    const now = performance.now();
    if (this.clock.playing && now - this.spoken < SPOKEN_EVERY_MS) return;
    this.spoken = now;
    for (const [canvas, words] of matrices) canvas.setAttribute("aria-label", words);
    const { films, parts } = this;
    if (this.clock.playing) return;
    parts.live.textContent = ofBoth(films.map((film, i) => `${film.moment(frames[i])}: ${momentWords(film, frames[i])}.`), " ");
  }

  #key(event) {
    if (!this.film || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") {
      if (!this.curves.titles.close() && !this.parts.table.close() && !this.parts.figures.close() && !this.lens.close()) this.full(false);
      return;
    }
    const turn = event.shiftKey && TURNS[event.key];
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!(turn || action) || usesKey(event.target, event.key, this.parts.scrub)) return;
    event.preventDefault();
    if (turn) this.stage.turn(...turn);
    else this[action]();
  }
}

// The film player: layout, clock, keys, and the door through which Streamlit or the offline page hands it films.

const SPOKEN_EVERY_MS = 1500;
const WIDE = 820;
const NARROW = 480;
const KEYS = { " ": "playOrPause", ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", l: "loop", f: "full" };

class FilmPlayer {
  constructor(root, Plotly, { talk = false, autoplay = true } = {}) {
    this.root = root;
    this.clock = new Clock();
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.autoplay = autoplay;
    this.tour = 0;
    this.onWeights = false;
    buildLayout(this);
    this.stage = new Stage(this.parts.plot, Plotly);
    this.curves = new Curves(this.parts.curves, Plotly, (frame) => this.seek(frame));
    this.setTalk(talk);
    this.abort = new AbortController();
    const { signal } = this.abort;
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("visibilitychange", () => { this.drawnAt = undefined; }, { signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle(), { signal });
    this.measure = onResize(root, () => this.#fit());
    this.#fit();
    this.painter = new MutationObserver(() => this.restyle());
    this.painter.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  }

  /** Plays `film`, with `pinned` beside it on the same clock, keeping camera, playhead, speed and loop. */
  load(film, pinned = null) {
    const isFirst = !this.film;
    const restart = this.autoplay && !this.calm.matches && !this.paused;
    Object.assign(this, { film, pinned });
    this.clock.take(film.frames, { growing: film.partial, restart });
    if (isFirst && this.calm.matches) this.clock.seek(film.frames - 1);
    else if (isFirst && this.autoplay) this.clock.play();
    this.curves.fitClock(film);
    fillWords(this);
    this.restyle(true);
    this.root.dataset.digest = film.digest;
    this.root.dataset.partial = String(film.partial);
    this.#run();
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
    this.stage.show(this.#films(), theme);
    this.curves.show(this.film, this.pinned, theme);
    this.draw();
  }

  playOrPause() {
    if (this.clock.playing) this.clock.playing = false;
    else this.clock.play();
    this.paused = !this.clock.playing;
    this.draw();
    this.#run();
  }

  seek(frame) {
    this.clock.seek(frame);
    this.paused = true;
    this.draw();
  }

  back() { this.seek(this.clock.frame - 1); }
  forward() { this.seek(this.clock.frame + 1); }
  first() { this.seek(0); }
  last() { this.seek(this.film.frames - 1); }
  loop() { this.parts.loop.click(); }
  full(on = !this.root.classList.contains("fp-full")) {
    this.root.classList.toggle("fp-full", on);
    this.parts.full.setAttribute("aria-pressed", String(on));
  }

  /** Draws the present frame everywhere. */
  draw() {
    const { film, pinned, clock, parts, root } = this;
    const frame = clock.frame;
    const step = film.clock.step[frame];
    const at = pinned ? pinned.frameBeside(film, frame) : 0;
    const moment = film.moment(frame);
    this.stage.draw(pinned ? [at, frame] : [frame], this.tour);
    this.curves.draw(frame);
    const cosines = film.at(this.onWeights ? "cosines_w" : "cosines", frame);
    const matrixWords = drawMatrix(parts.matrix, cosines, film.classes, this.theme.groundRgb);
    parts.scrub.value = String(frame);
    parts.scrub.setAttribute("aria-valuetext", moment);
    parts.moment.textContent = moment;
    if (root.dataset.playing !== String(clock.playing)) {
      setIcon(parts.play, clock.playing ? "pause" : "play", clock.playing ? "Pause" : "Play", "Space");
    }
    const time = film.clock.time[frame] ?? "inf"; // past what float64 holds
    Object.assign(root.dataset, { frame, frames: film.frames, playing: clock.playing, step, time, logTime: film.clock.log_time[frame] ?? "-inf" });
    this.#speak(`${moment}. ${matrixWords}`);
  }

  destroy() {
    this.abort.abort();
    this.painter.disconnect();
    this.measure.disconnect();
    cancelAnimationFrame(this.request);
    this.stage.destroy();
    this.curves.destroy();
    this.root.replaceChildren();
  }

  #fit() {
    this.root.classList.toggle("fp-wide", this.root.clientWidth >= WIDE);
    this.root.classList.toggle("fp-narrow", this.root.clientWidth < NARROW);
  }

  #films() {
    return this.pinned ? [this.pinned, this.film] : [this.film];
  }

  #touring() {
    return this.stage.viewName === "tour" && this.film.axes > 3 && !this.calm.matches;
  }

  /** Asks for the next frame while anything moves. */
  #run() {
    cancelAnimationFrame(this.request);
    this.drawnAt = undefined;
    const tick = (now) => {
      const seconds = Math.min(1, (now - (this.drawnAt ?? now)) / 1000);
      this.drawnAt = now;
      const before = this.clock.frame;
      if (this.clock.playing) this.clock.advance(seconds);
      if (this.#touring()) this.tour += seconds;
      if (this.clock.frame !== before || this.#touring() || !this.clock.playing) this.draw();
      if (this.clock.playing || this.#touring()) this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
  }

  /** The view, the clock of the curves and the rest of the choices redraw the still picture too. */
  changed() {
    this.restyle(true);
    this.#run();
  }

  #speak(words) {
    const now = performance.now();
    if (this.clock.playing && now - (this.spoken ?? -Infinity) < SPOKEN_EVERY_MS) return;
    this.spoken = now;
    this.parts.matrix.setAttribute("aria-label", words);
    if (!this.clock.playing) this.parts.live.textContent = words;
  }

  #key(event) {
    if (!this.film || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") {
      this.full(false);
      return;
    }
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || usesKey(event.target, event.key, this.parts.scrub)) return;
    event.preventDefault();
    this[action]();
  }
}

/** Whether the focused element needs this key for itself: fields any, sliders and lists the arrows, buttons Space. */
function usesKey(target, key, scrub) {
  if (!(target instanceof Element) || target === scrub) return false;
  const moves = key.startsWith("Arrow") || key === "Home" || key === "End";
  if (target.closest("input[type=range], [role=slider], [role=radiogroup], [role=tablist], [role=menu]")) return moves;
  if (target.closest("input, textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=dialog]")) return true;
  return key === " " && Boolean(target.closest("button, a, summary, [role=button], [role=checkbox], [role=switch]"));
}

const players = new WeakMap();

/** Plotly, loaded once for the whole page. */
function loadPlotly(address) {
  window.collapseLabPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL(address, document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.collapseLabPlotly = undefined;
      reject(new Error("The plotting library did not arrive: reload the page."));
    };
    document.head.append(script);
  });
  return window.collapseLabPlotly;
}

async function fetchFilm(address) {
  const answer = await fetch(new URL(address, document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error("The new film did not arrive; the last one stays. Turn a knob or reload the page.");
  return parseFilm(await answer.arrayBuffer());
}

/** One component's films: the newest wish wins, and what has arrived already is not fetched again. */
class Wishes {
  constructor(root) {
    this.root = root;
    this.films = new Map();
  }

  async follow(data) {
    this.data = data;
    const addresses = [data.film, data.pinned].filter(Boolean);
    try {
      for (const address of addresses) {
        if (!this.films.has(address)) this.films.set(address, fetchFilm(address));
      }
      const [Plotly, film, pinned] = await Promise.all([loadPlotly(data.plotly), ...addresses.map((a) => this.films.get(a))]);
      if (this.data !== data) return;
      for (const address of this.films.keys()) if (!addresses.includes(address)) this.films.delete(address);
      this.player ??= new FilmPlayer(this.root, Plotly, data);
      this.player.say("");
      this.player.setTalk(data.talk);
      this.player.setPanels(data.panels);
      if (this.player.film !== film || this.player.pinned !== (pinned ?? null)) this.player.load(film, pinned ?? null);
    } catch (error) {
      addresses.forEach((address) => this.films.delete(address));
      if (this.data !== data) return;
      if (this.player) this.player.say(error.message);
      else this.root.querySelector(".fp-waiting").textContent = error.message;
    }
  }
}

/** Streamlit calls this again with new data on the same element; the player lives through it. */
export default function mountFilm({ parentElement, data }) {
  let wishes = players.get(parentElement);
  if (!wishes) {
    wishes = new Wishes(parentElement.querySelector(".fp"));
    players.set(parentElement, wishes);
  }
  wishes.follow(data);
  return () => setTimeout(() => {
    if (wishes.root.isConnected) return; // called between two payloads as well: only leaving the page ends a player
    wishes.player?.destroy();
    players.delete(parentElement);
  });
}

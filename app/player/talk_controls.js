// What a speaker has at hand in talk mode: light or dark, captions, one curve, a black screen, a clicker's keys.

/** @import { Film } from "./film.js" */
/** @import { FilmPlayer } from "./player.js" */
/** @import { Settings } from "./types.d.ts" */
import { Blackout } from "./blackout.js";
import { usesKey } from "./keys.js";
import { listedCurves } from "./panels.js";
import { choice, make, wordButton, writeWords } from "./parts.js";
import { isDark, lightPage } from "./theme.js";

/**
 * The sentence of what happens at a frame: the event that came last; where the film has ended, its sentences, one at a time.
 * @type {(film: Film, frame: number, at: number) => string}
 */
export function happening({ header: { events, sentences = [] }, frames, partial }, frame, at) {
  if (frame === frames - 1 && !partial && sentences.length) return sentences[at] ?? sentences[0];
  const last = events.findLast((event) => event.frame <= frame);
  return last ? `${last.when}: ${last.label}` : "";
}

export class TalkControls {
  /** @param {FilmPlayer} player @param {AbortSignal} signal */
  constructor(player, signal) {
    this.player = player;
    const { parts: { transport }, root } = player;
    const box = make("div", "fp-speaker", transport);
    this.dark = wordButton(box, "fp-toggle", "Dark", () => this.#turnDark());
    this.dark.title = "Light or dark, whatever this machine has (D)";
    this.captions = wordButton(box, "fp-toggle", "Captions", () => this.#turnCaptions());
    this.captions.title = "The sentence of what happens (C)";
    this.curve = choice(box, "Curve beside the stage", [["", "No curve"]], "", (curve) => player.choose({ curve: curve || null }));
    this.black = new Blackout(root, signal);
    /** What the page is made by us. @type {Settings["theme"]} */
    this.lit = null;
    /** Which of the sentences at the end is told. */
    this.at = 0;
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    signal.addEventListener("abort", () => { if (this.lit) lightPage(null); });
  }

  /** Shows what was chosen. @type {(settings: Settings) => void} */
  follow({ talk, theme, captions, curve }) {
    const { player: { root, chosen: film, parts }, lit } = this;
    this.lit = talk ? theme : null;
    if (this.lit !== lit) lightPage(this.lit);
    if (!talk) this.black.turn(false);
    if (talk && film) this.#offer(film);
    const held = Boolean(film?.header.panels.some(({ curves }) => curves.includes(curve ?? "")));
    root.classList.toggle("fp-talk", talk);
    root.classList.toggle("fp-one-curve", talk && held);
    parts.said.hidden = !(talk && captions);
    if (talk) this.dark.setAttribute("aria-pressed", String(isDark(root)));
    this.captions.setAttribute("aria-pressed", String(captions));
    this.curve.value = held ? curve ?? "" : "";
  }

  /** Offers the curves of a film. @type {(film: Film) => void} */
  #offer({ header }) {
    const [none, ...known] = this.curve.options;
    const listed = listedCurves(header);
    if (String(listed) === String(known.map(({ value, text }) => [value, text]))) return; // a list that is open stays so
    this.curve.replaceChildren(none, ...listed.map(([name, words]) => new Option(words, name)));
  }

  /** Says what happens at a frame of a film. @type {(film: Film, frame: number) => void} */
  tell(film, frame) {
    const { said } = this.player.parts;
    if (frame < film.frames - 1) this.at = 0;
    if (!said.hidden) writeWords(said, happening(film, frame, this.at));
  }

  #turnDark() {
    const theme = isDark(this.player.root) ? "light" : "dark";
    this.player.choose({ theme });
  }

  #turnCaptions() {
    this.player.choose({ captions: !this.player.settings.captions });
  }

  /** To the next stop: a film that stands is set going, one that moves goes to its next event and waits; at its end its sentences follow. */
  #next() {
    const { player, player: { clock } } = this;
    if (clock.playing) player.seek(this.#stops().find((frame) => frame > clock.frame) ?? clock.frames - 1);
    else if (!clock.atEnd) player.playOrPause();
    else this.#sentence(1);
  }

  #back() {
    const { player, player: { clock } } = this;
    if (clock.atEnd && this.at > 0) this.#sentence(-1);
    else player.seek(this.#stops().findLast((frame) => frame < clock.frame) ?? 0);
  }

  /** @type {(by: 1 | -1) => void} */
  #sentence(by) {
    const { player } = this;
    const last = (player.chosen?.header.sentences?.length ?? 1) - 1;
    this.at = Math.min(last, Math.max(0, this.at + by));
    player.render();
  }

  /** Where a clicker stops, by the clock of the film that leads. @type {() => number[]} */
  #stops() {
    const events = this.player.shown?.lead.header.events ?? [];
    return events.map(({ frame }) => frame).sort((a, b) => a - b);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { settings, shown, parts } = this.player;
    if (!settings.talk || !shown || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (usesKey(event.target, event.key, parts.scrub)) return;
    /** @type {Record<string, () => void>} */
    const acts = {
      b: () => this.black.turn(), ".": () => this.black.turn(), d: () => this.#turnDark(), c: () => this.#turnCaptions(),
      PageDown: () => this.#next(), PageUp: () => this.#back(),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    if (event.key.startsWith("Page")) this.black.turn(false);
    act();
  }
}

// Builds the player's elements, once; films only fill them.

import { SPEEDS } from "./clock.js";
import { CosineTable } from "./cosines.js";
import { GLOSSARY } from "./glossary.js";
import { MatrixPicture } from "./matrix.js";
import { Figures } from "./moment.js";
import { choice, iconButton, make, toggle, wordButton } from "./parts.js";
import { FILM_LETTERS } from "./pens.js";
import { Recorder } from "./recorder.js";
import { listenToTerms, termButton } from "./terms.js";

/** @import { FilmPlayer } from "./player.js" */

const [WIDE, NARROW] = [820, 480]; // pixels

/** For a stage with no room for whole sentences. */
const SHORT_LEGEND = { dot: "one image", mean: "class mean", arrow: "classifier", ghost: "ideal" };

/** @typedef {{ half: HTMLElement, opener: HTMLElement, canvas: HTMLCanvasElement, picture: MatrixPicture, words: HTMLElement, target: HTMLElement }} Matrix */

/**
 * Builds everything inside the player's root; gives what moves in it.
 * @type {(player: FilmPlayer, root: HTMLElement) => Parts}
 * @typedef {ReturnType<typeof build>} Parts
 */
export function buildLayout(player, root) {
  listenToTerms();
  root.replaceChildren();
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Film of the run");
  return build(player, root);
}

/** Lays the player out for the width that it has. @type {(root: Element) => void} */
export function fitWidth(root) {
  root.classList.toggle("fp-wide", root.clientWidth >= WIDE);
  root.classList.toggle("fp-narrow", root.clientWidth < NARROW);
}

/** @param {FilmPlayer} player @param {HTMLElement} root */
function build(player, root) {
  const main = make("section", "fp-main", root);
  main.setAttribute("aria-label", "Stage");
  const head = buildHead(player, make("div", "fp-head", main));
  const stage = buildStage(player, make("div", "fp-stage", main), head.inWords);
  const legend = buildLegend(make("p", "fp-legend", main));
  const caption = make("p", "fp-caption", main);
  const said = make("p", "fp-said", root);
  const side = make("section", "fp-side", root);
  side.setAttribute("aria-label", "Curves");
  const pens = make("p", "fp-pens", side);
  const curves = make("div", "fp-curves", side);
  const clocks = choice(curves, "Clock of the curves", [], "", (clock) => player.choose({ clock }));
  clocks.classList.add("fp-clock");
  const marks = make("div", "fp-marks", root);
  const bar = make("div", "fp-bar", root);
  const note = make("p", "fp-note", bar);
  const transport = buildTransport(player, make("div", "fp-transport", bar));
  const live = make("div", "fp-unseen", root);
  live.setAttribute("aria-live", "polite");
  return { ...head, ...stage, ...legend, caption, said, pens, curves, clocks, marks, note, ...transport, live };
}

/** @param {FilmPlayer} player @param {HTMLElement} head */
function buildHead(player, head) {
  const title = make("h2", "fp-heading", head);
  const view = choice(head, "View of many dimensions", [], "", (name) => player.choose({ view: name }));
  const again = wordButton(head, "fp-toggle", "Draw in 3-D again", () => player.stage.retry());
  const inWords = wordButton(head, "fp-toggle", "In words", () => player.figures());
  inWords.title = "This moment in words, and the curves as a table (T)";
  inWords.setAttribute("aria-pressed", "false");
  toggle(head, "Trails", true, (trails) => player.choose({ trails })).title = "Where each class mean came from";
  toggle(head, "Raw scale", false, (raw) => player.choose({ raw })).title =
    "Off: lengths divided by their mean, so that shape is seen. On: lengths as they are, growing for ever.";
  return { title, view, again, inWords };
}

/**
 * The scene, and what opens in its place.
 * @param {FilmPlayer} player
 * @param {HTMLElement} box
 * @param {HTMLElement} inWords
 */
function buildStage(player, box, inWords) {
  const plot = make("div", "fp-scene", box);
  const sides = make("div", "fp-sides", box);
  const cosines = buildMatrices(player, make("div", "fp-cosines", box));
  const table = new CosineTable(box, (open) => {
    for (const { opener } of cosines.matrices) opener.setAttribute("aria-expanded", String(open));
    player.render();
  });
  const figures = new Figures(box, (open) => {
    inWords.setAttribute("aria-pressed", String(open));
    player.render();
  });
  const tools = make("div", "fp-tools", box);
  iconButton(tools, "nearer", "Nearer", "", () => player.zoom(1 / 1.2));
  iconButton(tools, "farther", "Farther", "", () => player.zoom(1.2));
  iconButton(tools, "home", "Reset the view", "", () => player.choose({ cameras: {} }));
  const recorder = new Recorder(player, tools);
  const full = iconButton(tools, "full", "Full stage", "F", () => player.full());
  const message = make("p", "fp-message", box);
  message.setAttribute("role", "status");
  message.hidden = true;
  return { plot, sides, ...cosines, table, figures, recorder, full, message };
}

/** A matrix for each film. @param {FilmPlayer} player @param {HTMLElement} box */
function buildMatrices(player, box) {
  /** @type {Matrix[]} */
  const matrices = FILM_LETTERS.map(() => {
    const half = make("div", "fp-cosine", box);
    const opener = wordButton(half, "fp-opener", "", () => player.matrix(opener));
    opener.title = "Open the matrix (M)";
    opener.setAttribute("aria-expanded", "false");
    const canvas = make("canvas", "fp-matrix", opener);
    canvas.width = canvas.height = 240;
    canvas.setAttribute("role", "img");
    const words = make("div", "fp-matrix-words", half);
    return { half, opener, canvas, picture: new MatrixPicture(canvas), words, target: termButton(words, "cosines", "") };
  });
  /** @type {[string, string][]} */
  const kinds = [["means", "class means"], ["weights", "classifiers"]];
  const cosinesOf = choice(matrices[0].words, "Cosines of", kinds, "means", (kind) => player.choose({ weights: kind === "weights" }));
  return { matrices, cosinesOf };
}

/** @param {HTMLElement} line */
function buildLegend(line) {
  /** @type {(shape: "dot" | "mean" | "arrow" | "ghost") => HTMLElement} */
  const entry = (shape) => {
    const span = make("span", "fp-entry", line);
    make("i", `fp-${shape}`, span).setAttribute("aria-hidden", "true");
    termButton(span, shape, GLOSSARY.legend?.[shape] ?? "").dataset.short = SHORT_LEGEND[shape];
    return span;
  };
  entry("dot");
  entry("mean");
  return { arrow: entry("arrow"), ghost: entry("ghost") };
}

/** @param {FilmPlayer} player @param {HTMLElement} bar */
function buildTransport(player, bar) {
  iconButton(bar, "first", "First frame", "Home", () => player.first());
  iconButton(bar, "back", "One frame back", "Left", () => player.back());
  const play = iconButton(bar, "play", "Play", "Space", () => player.playOrPause());
  play.classList.add("fp-play");
  iconButton(bar, "forward", "One frame on", "Right", () => player.forward());
  iconButton(bar, "last", "Last frame", "End", () => player.last());
  const loop = iconButton(bar, "loop", "Loop", "L", () => player.loop());
  loop.setAttribute("aria-pressed", "false");
  const paces = SPEEDS.map((speed) => /** @type {[number, string]} */ ([speed, `${speed}×`]));
  const speed = choice(bar, "Speed", paces, 1, (pace) => player.choose({ speed: Number(pace) }));
  const scrub = make("input", "fp-scrub", bar);
  scrub.type = "range";
  scrub.min = scrub.value = "0";
  scrub.step = "1";
  scrub.setAttribute("aria-label", "Frame");
  scrub.addEventListener("input", () => player.seek(Number(scrub.value)));
  const moment = termButton(bar, "time", "");
  moment.classList.add("fp-readout");
  return { transport: bar, play, loop, speed, scrub, moment };
}

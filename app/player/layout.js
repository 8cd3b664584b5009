// The player's elements and words. Built once; films only fill them.

import { SPEEDS } from "./clock.js";
import { rgbOf } from "./colours.js";
import { CosineTable } from "./cosines.js";
import { Figures } from "./moment.js";
import { choice, iconButton, make, toggle } from "./parts.js";
import { LACKS } from "./stage.js";
import { clocksOf } from "./ticks.js";
import { viewsOf } from "./views.js";

const LEGEND = [["dot", "sample h"], ["mean", "class mean"], ["arrow", "classifier w"], ["ghost", "ideal frame"]];

/** Builds everything inside the player's root and keeps what moves in `player.parts`. */
export function buildLayout(player) {
  const { root } = player;
  root.replaceChildren();
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Film of the run");
  const parts = (player.parts = {});
  const main = make("section", "fp-main", root);
  main.setAttribute("aria-label", "Stage");
  buildHead(player, make("div", "fp-head", main));
  const box = make("div", "fp-stage", main);
  parts.plot = make("div", "fp-scene", box);
  parts.sides = make("div", "fp-sides", box);
  buildMatrices(player, make("div", "fp-cosines", box));
  parts.table = new CosineTable(box, (open) => {
    for (const { opener } of parts.matrices) opener.setAttribute("aria-expanded", String(open));
    player.draw();
  });
  parts.figures = new Figures(box, (open) => {
    parts.inWords.setAttribute("aria-pressed", String(open));
    player.draw();
  });
  buildTools(player, make("div", "fp-tools", box));
  parts.message = make("p", "fp-message", box);
  parts.message.setAttribute("role", "status");
  parts.message.hidden = true;
  buildLegend(player, make("p", "fp-legend", main));
  parts.caption = make("p", "fp-caption", main);
  const side = make("section", "fp-side", root);
  side.setAttribute("aria-label", "Curves");
  parts.curves = make("div", "fp-curves", side);
  parts.clocks = choice(parts.curves, "Clock of the curves", [], "", (name) => {
    player.curves.setClock(name);
    player.draw();
  });
  parts.clocks.classList.add("fp-clock");
  parts.marks = make("div", "fp-marks", root);
  const bar = make("div", "fp-bar", root);
  parts.note = make("p", "fp-note", bar);
  buildTransport(player, make("div", "fp-transport", bar));
  parts.live = make("div", "fp-unseen", root);
  parts.live.setAttribute("aria-live", "polite");
}

function buildHead(player, head) {
  player.parts.title = make("h2", "fp-heading", head);
  player.parts.view = choice(head, "View of many dimensions", [], "", (name) => {
    player.chosenView = name;
    fillWords(player);
    player.changed();
    player.looked();
  });
  player.parts.again = make("button", "fp-toggle", head, "Draw in 3-D again");
  player.parts.again.type = "button";
  player.parts.again.addEventListener("click", () => player.stage.retry());
  player.parts.inWords = buildFiguresButton(player, head);
  toggle(head, "Trails", true, (on) => {
    player.stage.trails = on;
    player.draw();
  }).title = "Where each class mean came from";
  toggle(head, "Raw scale", false, (on) => {
    player.stage.raw = on;
    player.changed();
  }).title = "Off: lengths divided by their mean, so that shape is seen. On: lengths as they are, growing for ever.";
}

/** The film in words and figures, for who does not see it or wants its numbers. */
function buildFiguresButton(player, head) {
  const button = make("button", "fp-toggle", head, "In words");
  Object.assign(button, { type: "button", title: "This moment in words, and the curves as a table (T)" });
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => player.figures());
  return button;
}

/** A matrix for the pinned film and one for the present film. */
function buildMatrices(player, box) {
  player.parts.matrices = ["A", "B"].map((letter) => {
    const half = make("div", "fp-cosine", box);
    const opener = make("button", "fp-opener", half);
    Object.assign(opener, { type: "button", title: "Open the matrix (M)" });
    opener.setAttribute("aria-expanded", "false");
    opener.addEventListener("click", () => player.matrix(opener));
    const canvas = make("canvas", "fp-matrix", opener);
    canvas.width = canvas.height = 240;
    canvas.setAttribute("role", "img");
    const words = make("div", "fp-matrix-words", half);
    return { letter, half, opener, canvas, words, target: make("span", "", words) };
  });
  player.parts.cosinesOf = choice(player.parts.matrices[1].words, "Cosines of", [["means", "class means"], ["weights", "classifiers"]], "means", (value) => {
    player.onWeights = value === "weights";
    player.draw();
  });
}

function buildTools(player, tools) {
  iconButton(tools, "nearer", "Nearer", "", () => player.stage.zoom(1 / 1.2));
  iconButton(tools, "farther", "Farther", "", () => player.stage.zoom(1.2));
  iconButton(tools, "home", "Reset the view", "", () => player.stage.resetCamera());
  player.parts.full = iconButton(tools, "full", "Full stage", "F", () => player.full());
}

function buildLegend(player, line) {
  for (const [shape, words] of LEGEND) {
    const entry = make("span", "fp-entry", line);
    player.parts[shape] = entry;
    make("i", `fp-${shape}`, entry).setAttribute("aria-hidden", "true");
    entry.append(words);
  }
}

function buildTransport(player, bar) {
  const { parts } = player;
  iconButton(bar, "first", "First frame", "Home", () => player.first());
  iconButton(bar, "back", "One frame back", "Left", () => player.back());
  parts.play = iconButton(bar, "play", "Play", "Space", () => player.playOrPause());
  parts.play.classList.add("fp-play");
  iconButton(bar, "forward", "One frame on", "Right", () => player.forward());
  iconButton(bar, "last", "Last frame", "End", () => player.last());
  parts.loop = iconButton(bar, "loop", "Loop", "L", () => {
    player.clock.loop = !player.clock.loop;
    parts.loop.setAttribute("aria-pressed", String(player.clock.loop));
  });
  parts.loop.setAttribute("aria-pressed", "false");
  parts.speed = choice(bar, "Speed", SPEEDS.map((speed) => [speed, `${speed}×`]), 1, (speed) => {
    player.clock.speed = Number(speed);
    player.looked();
  });
  parts.scrub = make("input", "fp-scrub", bar);
  Object.assign(parts.scrub, { type: "range", min: "0", value: "0", step: "1" });
  parts.scrub.setAttribute("aria-label", "Frame");
  parts.scrub.addEventListener("input", () => player.seek(Number(parts.scrub.value)));
  parts.moment = make("div", "fp-readout", bar);
  parts.moment.title = "t is gradient-flow time: step times learning rate for gradient descent";
}

/** Puts the films' words where they belong; of two films the pinned one is A, the present one B. */
export function fillWords(player) {
  const { film, pinned, films, parts, stage, curves, root } = player;
  parts.clocks.replaceChildren(...clocksOf(films).map(({ name, label }) => new Option(label, name, false, name === curves.clock)));
  const views = viewsOf(films.findLast(({ axes }) => axes > 3) ?? film);
  stage.viewName = player.chosenView ?? views[0]?.name;
  parts.view.replaceChildren(...views.map(({ name, label }) => new Option(label, name, false, name === stage.viewName)));
  parts.view.hidden = views.length === 0;
  parts.title.textContent = ofBoth(films.map(({ header }) => header.title), " · ");
  const captions = [films.map((each) => captionOf(each, stage.viewName)), films.map(noteOf)].map((words) => ofBoth(words, " "));
  parts.caption.textContent = [...captions, LACKS[stage.lack]].filter(Boolean).join(" ");
  parts.again.hidden = stage.lack !== "lost";
  parts.ghost.hidden = !films.some(({ fits }) => fits);
  parts.arrow.hidden = parts.cosinesOf.hidden = !films.some(({ classified }) => classified);
  parts.matrices.forEach((matrix, i) => {
    const shown = [pinned, film][i];
    matrix.half.hidden = !shown;
    if (shown) matrix.target.textContent = `${pinned ? `${matrix.letter}: ` : ""}${targetWords(shown)}`;
  });
  parts.figures.fill(film);
  parts.table.fill(films, pinned ? ["A", "B"] : []);
  parts.marks.replaceChildren();
  for (const { frame, when, label, kind } of film.header.events) {
    const mark = make("button", `fp-mark fp-mark-${kind}`, parts.marks, `${when}: ${label}`);
    mark.type = "button";
    mark.addEventListener("click", () => player.seekOwn(frame));
  }
  parts.scrub.max = String(player.lead.frames - 1);
  parts.sides.replaceChildren(...(pinned ? [make("span", ""), make("span", "")] : []));
  root.classList.toggle("fp-compare", Boolean(pinned));
  root.classList.toggle("fp-still", player.lead.frames === 1);
  root.classList.toggle("fp-network", films.some(({ clock }) => clock.epoch));
}

/** What is said of two films, once where it is the same. */
export function ofBoth(words, between) {
  const [a, b] = words;
  if (words.length === 1 || a === b) return a;
  return [["A", a], ["B", b]].filter(([, said]) => said).map(([letter, said]) => `${letter}: ${said}`).join(between);
}

export function captionOf(film, viewName) {
  const views = viewsOf(film);
  const view = views.find(({ name }) => name === viewName) ?? views[0];
  return view?.words ?? film.header.caption;
}

function noteOf({ header, images }) {
  return [header.note, images && "Point at a dot, or press S, to see its image."].filter(Boolean).join(" ");
}

export function targetWords({ classes, fits }) {
  const blank = `cosines: blank at −1${classes > 2 ? `/${classes - 1}` : ""}, ■ above, ● below`;
  return fits ? blank : `${blank}, where no simplex fits`;
}

/** The letters over two films, and which of them has ended before the other. */
export function fillSides({ lead, films, parts }, frames) {
  if (films.length < 2) return;
  const alike = films[0].header.kind === films[1].header.kind;
  const names = alike ? ["A pinned, grey curves", "B now"] : ["A model, grey curves", "B network"];
  films.forEach((film, i) => {
    const over = film !== lead && lead.outlasts(film) && frames[i] === film.frames - 1 && !film.partial;
    parts.sides.children[i].textContent = names[i] + (over ? `, ended at ${film.moment(frames[i])}` : "");
  });
}

/** The page's colours, as its style sheet has them for light or dark. */
export function themeOf(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(`--fp-${name}`).trim();
  const probe = make("i", "", root);
  probe.style.forcedColorAdjust = "none"; // or every colour read is that of the text
  probe.style.color = read("ground");
  const groundRgb = rgbOf(getComputedStyle(probe).color);
  const dark = 0.2126 * groundRgb[0] + 0.7152 * groundRgb[1] + 0.0722 * groundRgb[2] < 128;
  const resolved = (name) => {
    probe.style.color = read(name);
    return getComputedStyle(probe).color;
  };
  const [ground, ink, accent] = ["ground", "ink", "accent"].map(resolved);
  probe.remove();
  return {
    ground, ink, accent, groundRgb, font: style.fontFamily,
    soft: dark ? "#b4bac6" : "#545b69", grey: dark ? "#9aa2b1" : "#767e8c",
    faint: dark ? "#333b48" : "#dcdfe5", alarm: dark ? "#ff8a5c" : "#b3401a",
  };
}

// The player's elements and words. Built once; films only fill them.

const LEGEND = [["dot", "sample h"], ["mean", "class mean"], ["arrow", "classifier w"], ["ghost", "ideal frame"]];

/** Builds everything inside the player's root and keeps what moves in `player.parts`. */
function buildLayout(player) {
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
  buildMatrix(player, make("div", "fp-cosines", box));
  buildTools(player, make("div", "fp-tools", box));
  parts.message = make("p", "fp-message", box);
  parts.message.setAttribute("role", "status");
  parts.message.hidden = true;
  buildLegend(make("p", "fp-legend", main));
  parts.caption = make("p", "fp-caption", main);
  const side = make("section", "fp-side", root);
  side.setAttribute("aria-label", "Curves");
  parts.curves = make("div", "fp-curves", side);
  const bar = make("div", "fp-bar", root);
  buildTransport(player, make("div", "fp-transport", bar));
  parts.marks = make("div", "fp-marks", bar);
  parts.live = make("div", "fp-unseen", root);
  parts.live.setAttribute("aria-live", "polite");
}

function buildHead(player, head) {
  player.parts.title = make("h2", "fp-heading", head);
  player.parts.view = choice(head, "View of many dimensions", [], "", (name) => {
    player.stage.viewName = name;
    fillWords(player);
    player.changed();
  });
  toggle(head, "Trails", true, (on) => {
    player.stage.trails = on;
    player.draw();
  }).title = "Where each class mean came from";
  toggle(head, "Raw scale", false, (on) => {
    player.stage.raw = on;
    player.changed();
  }).title = "Off: lengths divided by their mean, so that shape is seen. On: lengths as they are, growing for ever.";
}

function buildMatrix(player, box) {
  const { parts } = player;
  parts.matrix = make("canvas", "fp-matrix", box);
  parts.matrix.width = parts.matrix.height = 240;
  parts.matrix.setAttribute("role", "img");
  const words = make("div", "fp-matrix-words", box);
  parts.target = make("span", "", words);
  parts.which = choice(words, "Cosines of", [["means", "class means"], ["weights", "classifiers"]], "means", (value) => {
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

function buildLegend(line) {
  for (const [shape, words] of LEGEND) {
    const entry = make("span", "fp-entry", line);
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
  parts.scrub = make("input", "fp-scrub", bar);
  Object.assign(parts.scrub, { type: "range", min: "0", value: "0", step: "1" });
  parts.scrub.setAttribute("aria-label", "Frame");
  parts.scrub.addEventListener("input", () => player.seek(Number(parts.scrub.value)));
  parts.moment = make("div", "fp-readout", bar);
  parts.moment.title = "t is gradient-flow time: step times learning rate for gradient descent";
  parts.loop = iconButton(bar, "loop", "Loop", "L", () => {
    player.clock.loop = !player.clock.loop;
    parts.loop.setAttribute("aria-pressed", String(player.clock.loop));
  });
  parts.loop.setAttribute("aria-pressed", "false");
  choice(bar, "Speed", SPEEDS.map((speed) => [speed, `${speed}×`]), 1, (speed) => { player.clock.speed = Number(speed); });
  parts.clocks = choice(bar, "Clock of the curves", [], "", (name) => {
    player.curves.setClock(name);
    player.draw();
  });
}

/** Puts a film's words where they belong. */
function fillWords(player) {
  const { film, pinned, parts, stage, curves, root } = player;
  parts.clocks.replaceChildren(...clocksOf(film).map(({ name, label }) => new Option(label, name, false, name === curves.clock)));
  const views = viewsOf(film);
  parts.title.textContent = film.header.title;
  parts.view.replaceChildren(...views.map(({ name, label }) => new Option(label, name, false, name === stage.viewName)));
  parts.view.hidden = views.length === 0;
  const view = views.find(({ name }) => name === stage.viewName) ?? views[0];
  parts.caption.textContent = [film.header.caption, view?.honest, film.header.note].filter(Boolean).join(" ");
  parts.target.textContent = `cosines, blank at −1/${film.classes - 1}`;
  parts.marks.replaceChildren();
  for (const { frame, when, label, kind } of film.header.events) {
    const mark = make("button", `fp-mark fp-mark-${kind}`, parts.marks, `${when}: ${label}`);
    mark.type = "button";
    mark.addEventListener("click", () => player.seek(frame));
  }
  parts.scrub.max = String(film.frames - 1);
  parts.sides.replaceChildren();
  if (pinned) for (const words of ["A pinned", "B now"]) make("span", "", parts.sides, words);
  root.classList.toggle("fp-compare", Boolean(pinned));
}

/** The page's colours, as its style sheet has them for light or dark. */
function themeOf(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(`--fp-${name}`).trim();
  const probe = make("i", "", root);
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

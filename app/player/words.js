// Writes the words around the stage: title, caption, legend, events, and which film is which.

import { LACKS } from "./stage.js";
import { shownView } from "./settings.js";
import { make, wordButton } from "./parts.js";
import { clocksOf } from "./ticks.js";
import { viewsOf } from "./views.js";

/** @import { Film } from "./film.js" */
/** @import { FilmPlayer } from "./player.js" */
/** @import { Shown } from "./types.d.ts" */

/**
 * Puts the films' words where they belong; of two films the pinned one is A, the present one B.
 * @type {(player: FilmPlayer, shown: Shown) => void}
 */
export function fillWords(player, { films, lead }) {
  const { parts, stage, settings, root } = player;
  const film = films[films.length - 1];
  const pinned = films.length > 1;
  parts.clocks.replaceChildren(...clocksOf(films).map(({ name, label }) => new Option(label, name, false, name === settings.clock)));
  const views = viewsOf(films.findLast(({ axes }) => axes > 3) ?? film);
  const view = shownView(films, settings.view);
  parts.view.replaceChildren(...views.map(({ name, label }) => new Option(label, name, false, name === view)));
  parts.view.hidden = views.length === 0;
  parts.title.textContent = ofBoth(films.map(({ header }) => header.title), " · ");
  const captions = [films.map((each) => captionOf(each, view)), films.map(noteOf)].map((words) => ofBoth(words, " "));
  parts.caption.textContent = [...captions, LACKS[stage.lack]].filter(Boolean).join(" ");
  parts.again.hidden = stage.lack !== "lost";
  parts.ghost.hidden = !films.some(({ fits }) => fits);
  parts.arrow.hidden = parts.cosinesOf.hidden = !films.some(({ classified }) => classified);
  parts.matrices.forEach((matrix, i) => {
    const shown = pinned ? films[i] : i ? film : null;
    matrix.half.hidden = !shown;
    if (shown) matrix.target.textContent = `${pinned ? `${matrix.letter}: ` : ""}${targetWords(shown)}`;
  });
  parts.figures.fill(film);
  parts.table.fill(films, pinned ? ["A", "B"] : []);
  parts.marks.replaceChildren();
  for (const { frame, when, label, kind } of film.header.events) {
    wordButton(parts.marks, `fp-mark fp-mark-${kind}`, `${when}: ${label}`, () => player.seekOwn(frame));
  }
  parts.scrub.max = String(lead.frames - 1);
  parts.sides.replaceChildren(...(pinned ? [make("span"), make("span")] : []));
  root.classList.toggle("fp-compare", pinned);
  root.classList.toggle("fp-still", lead.frames === 1);
  root.classList.toggle("fp-network", films.some(({ clock }) => clock.epoch));
}

/** What is said of two films, once where it is the same. @type {(words: string[], between: string) => string} */
export function ofBoth(words, between) {
  const [a, b] = words;
  if (words.length === 1 || a === b) return a;
  return [["A", a], ["B", b]].filter(([, said]) => said).map(([letter, said]) => `${letter}: ${said}`).join(between);
}

/** @type {(film: Film, viewName: string) => string} */
export function captionOf(film, viewName) {
  const views = viewsOf(film);
  const view = views.find(({ name }) => name === viewName) ?? views[0];
  return view?.words ?? film.header.caption;
}

/** @type {(film: Film) => string} */
function noteOf({ header, images }) {
  return [header.note, images && "Point at a dot, or press S, to see its image."].filter(Boolean).join(" ");
}

/** @type {(film: Film) => string} */
export function targetWords({ classes, fits, header }) {
  const blank = `cosines: blank at −1${classes > 2 ? `/${classes - 1}` : ""}, ■ above, ● below`;
  return fits ? blank : `${blank}, where ${header.class_sizes ? "class sizes differ" : "no simplex fits"}`;
}

/**
 * The words over each of two films, and which of them has ended before the other.
 * @type {(shown: Shown, frames: number[]) => string[]}
 */
export function sideWords({ films, lead }, frames) {
  if (films.length < 2) return [];
  const alike = films[0].header.kind === films[1].header.kind;
  const names = alike ? ["A pinned, grey curves", "B now"] : ["A model, grey curves", "B network"];
  return films.map((film, i) => {
    const over = film !== lead && lead.outlasts(film) && frames[i] === film.frames - 1 && !film.partial;
    return names[i] + (over ? `, ended at ${film.moment(frames[i])}` : "");
  });
}

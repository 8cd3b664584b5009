// Writes the words around the stage: title, caption, legend, events.

import { LACKS } from "./stage.js";
import { ofAll } from "./labels.js";
import { chosenOf, shownView } from "./settings.js";
import { wordButton } from "./parts.js";
import { FILM_LETTERS } from "./pens.js";
import { NO_RECORDER } from "./recorder.js";
import { clocksOf } from "./ticks.js";
import { viewsOf } from "./views.js";

/** @import { Film } from "./film.js" */
/** @import { FilmPlayer } from "./player.js" */
/** @import { Shown } from "./types.d.ts" */

/** Puts the films' words where they belong. @type {(player: FilmPlayer, shown: Shown) => void} */
export function fillWords(player, { films, lead }) {
  const { parts, stage, settings, root } = player;
  const film = chosenOf(films, settings);
  const several = films.length > 1;
  parts.clocks.replaceChildren(...clocksOf(films).map(({ name, label }) => new Option(label, name, false, name === settings.clock)));
  const views = viewsOf(films.findLast(({ axes }) => axes > 3) ?? film);
  const view = shownView(films, settings.view);
  parts.view.replaceChildren(...views.map(({ name, label }) => new Option(label, name, false, name === view)));
  parts.view.hidden = views.length === 0;
  parts.title.textContent = ofAll(films.map(({ header }) => header.title), " · ");
  const captions = [films.map((each) => captionOf(each, view)), films.map(noteOf)].map((words) => ofAll(words, " "));
  parts.caption.textContent = [...captions, LACKS[stage.lack], parts.recorder.kind ? "" : NO_RECORDER].filter(Boolean).join(" ");
  parts.again.hidden = stage.lack !== "lost";
  parts.ghost.hidden = !films.some(({ showsIdeal }) => showsIdeal);
  parts.arrow.hidden = parts.cosinesOf.hidden = !films.some(({ classified }) => classified);
  const targets = films.map(targetWords), last = parts.matrices[films.length - 1];
  const ofMany = `cosines: ■ above, ● below ${ofAll(films.map(blankAt), "; ")}`;
  parts.matrices.forEach(({ half, target }, i) => {
    half.hidden = i >= films.length;
    target.textContent = films.length === 2 && !half.hidden ? `${FILM_LETTERS[i]}: ${targets[i]}` : several ? ofMany : targets[0];
  });
  if (parts.cosinesOf.parentElement !== last.words) last.words.append(parts.cosinesOf);
  player.talk.follow(settings);
  parts.figures.fill(film, several ? `${FILM_LETTERS[films.indexOf(film)]}: ` : "");
  parts.table.fill(films, several ? FILM_LETTERS : []);
  parts.marks.replaceChildren();
  for (const { frame, when, label, kind } of film.header.events) {
    wordButton(parts.marks, `fp-mark fp-mark-${kind}`, `${several ? `${FILM_LETTERS[films.indexOf(film)]} · ` : ""}${when}: ${label}`, () => player.seekOwn(frame, film));
  }
  parts.scrub.max = String(lead.frames - 1);
  root.classList.toggle("fp-compare", several);
  root.classList.toggle("fp-many", films.length > 2);
  root.classList.toggle("fp-still", lead.frames === 1);
  root.classList.toggle("fp-network", films.some(({ clock }) => clock.epoch));
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

/** What the cosines of a film are held to. @type {(film: Film) => string} */
function blankAt({ every, header }) {
  return header.target ? "the best frame’s" : `−1${every > 2 ? `/${every - 1}` : ""}`;
}

/** @type {(film: Film) => string} */
export function targetWords(film) {
  const blank = `cosines${film.inBlocks ? " of blocks" : ""}: blank at ${blankAt(film)}, ■ above, ● below`;
  return film.fits || film.header.target ? blank : `${blank}, where ${film.noSimplex}`;
}

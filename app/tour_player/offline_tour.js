// Plays the tour inside an offline file: words at once, films as soon as what draws them is unpacked.

/** @import { Film } from "../player/film.js" */
/** @import { TourData } from "./types.d.ts" */
import { carried, textOfCarried } from "../player/carried.js";
import { carriedPlotly } from "../player/carried_plotly.js";
import { Engine } from "../player/engine/engine.js";
import { parseFilm } from "../player/film.js";
import { find } from "../player/parts.js";
import { afterFrame } from "../player/ticker.js";
import { sayInPlace } from "../player/trouble.js";
import { keepProgress, keptProgress } from "./progress.js";
import { knobsWith } from "./scene_knobs.js";
import { TourPlayer } from "./tour.js";

/** The films that this file carries, each unpacked once. @returns {(key: string) => Promise<Film>} */
function carriedFilms() {
  /** @type {Map<string, Promise<Film>>} */
  const known = new Map();
  return (key) => {
    const film = known.get(key) ?? carried(`film-${key}`).then(parseFilm);
    known.set(key, film);
    return film;
  };
}

/** What makes films anew; a file carries it only where a scene has knobs. */
async function carriedEngine() {
  const [table, script] = await Promise.all([textOfCarried("table").then(JSON.parse), textOfCarried("engine")]);
  return { table: table.page, engine: new Engine(script, table.engine) };
}

/** Waits until the words of the player stand on the screen; one that is hidden shows none. @returns {Promise<void>} */
function wordsShown() {
  return new Promise((done) => {
    afterFrame(done);
    setTimeout(done, 1000);
  });
}

/** Puts the player in the place of the pages, which stay for paper. */
async function playTour() {
  /** @type {TourData} */
  const data = JSON.parse(await textOfCarried("tour"));
  const root = find(document, ".tour");
  const kept = keptProgress(data.digest);
  const page = document.querySelectorAll(".tour-page")[kept?.scene ?? 0];
  const picture = page?.querySelector(".fp-picture")?.cloneNode(true);
  if (picture) find(root, ".fp").append(picture);
  root.hidden = false;
  document.body.classList.add("tour-ready");
  const tour = new TourPlayer(root, data, {
    Plotly: wordsShown().then(carriedPlotly), films: carriedFilms(), knobs: knobsWith(carriedEngine),
    told: { progressed: (progress) => keepProgress(data.digest, progress) },
  });
  tour.restore(kept);
}

playTour().catch(sayInPlace);

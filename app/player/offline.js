// Plays the film inside an offline file as soon as the file is opened.

import { carried, painted, runCarried } from "./carried.js";
import { parseFilm } from "./film.js";
import { find } from "./parts.js";
import { FilmPlayer } from "./player.js";
import { sayInPlace } from "./trouble.js";

/** Shows the film that this file carries. */
async function playCarried() {
  const [film] = await Promise.all([carried("film").then(parseFilm), painted().then(() => runCarried("plotly"))]);
  if (!window.Plotly) throw new Error("This file is damaged: the library that draws the film is missing.");
  const [{ set }] = film.header.panels;
  const player = new FilmPlayer(find(document, ".fp"), window.Plotly, { panels: set });
  player.load(film);
}

playCarried().catch(sayInPlace);

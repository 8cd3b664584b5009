// Plays the films inside an offline file as soon as the file is opened.

import { carried } from "./carried.js";
import { carriedPlotly } from "./carried_plotly.js";
import { parseFilm } from "./film.js";
import { find } from "./parts.js";
import { FilmPlayer } from "./player.js";
import { sayInPlace } from "./trouble.js";

/** Shows the films that this file carries: each under its name, which the player's root lists. */
async function playCarried() {
  const root = find(document, ".fp");
  /** @type {string[]} */
  const names = JSON.parse(root.dataset.films ?? "[]");
  const [films, Plotly] = await Promise.all([Promise.all(names.map((_, i) => carried(`film-${i + 1}`).then(parseFilm))), carriedPlotly()]);
  const [{ set }] = films[films.length - 1].header.panels;
  const player = new FilmPlayer(root, Plotly, { panels: set });
  player.load(films, names);
}

playCarried().catch(sayInPlace);

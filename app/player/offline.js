// Plays the film inside an offline file as soon as the file is opened.

import { bytesOf, parseFilm } from "./film.js";
import { find } from "./parts.js";
import { FilmPlayer } from "./player.js";

try {
  if (!window.Plotly) throw new Error("This file is damaged: the library that draws the film is missing.");
  const film = parseFilm(bytesOf(find(document, "#film").textContent));
  const [{ set }] = film.header.panels;
  const player = new FilmPlayer(find(document, ".fp"), window.Plotly, { panels: set });
  player.load(film);
} catch (error) {
  const words = find(document, ".fp-message, .fp-poster p");
  words.hidden = false;
  words.className = "fp-message";
  words.textContent = error instanceof Error ? error.message : String(error);
  throw error;
}

// The offline file: the film inside it, played as soon as it is opened.

import { bytesOf, parseFilm } from "./film.js";
import { FilmPlayer } from "./player.js";

try {
  if (!window.Plotly) throw new Error("This file is damaged: the library that draws the film is missing.");
  const film = parseFilm(bytesOf(document.getElementById("film").textContent));
  const player = new FilmPlayer(document.querySelector(".fp"), window.Plotly);
  player.setPanels(film.header.panels[0].set);
  player.load(film);
} catch (error) {
  const words = document.querySelector(".fp-message, .fp-poster p");
  Object.assign(words, { hidden: false, className: "fp-message", textContent: error.message });
  throw error;
}

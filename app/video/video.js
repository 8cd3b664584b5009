// The film player as a video shows it: without what a hand would use, at the frame that is asked for.

import { carried } from "../player/carried.js";
import { carriedPlotly } from "../player/carried_plotly.js";
import { parseFilm } from "../player/film.js";
import { find } from "../player/parts.js";
import { FilmPlayer } from "../player/player.js";
import { lightPage } from "../player/theme.js";
import { sayInPlace } from "../player/trouble.js";

/** What whoever makes a video asks of the page. @typedef {{ frames: number, pace: number, show: (frame: number) => Promise<void> }} Reel */

/** Puts the films on stage; gives what turns their frames. @type {() => Promise<Reel>} */
async function reel() {
  lightPage(new URLSearchParams(location.search).get("theme") === "dark" ? "dark" : "light");
  const root = find(document, ".fp");
  /** @type {string[]} */
  const names = JSON.parse(root.dataset.films ?? "[]");
  const [films, Plotly] = await Promise.all([Promise.all(names.map((_, i) => carried(`film-${i + 1}`).then(parseFilm))), carriedPlotly()]);
  const player = new FilmPlayer(root, Plotly, { panels: films[films.length - 1].header.panels[0].set });
  player.full(true);
  player.load(films, names);
  const { frames, pace } = player.clock;
  const show = (/** @type {number} */ frame) => {
    player.seek(frame);
    return drawn();
  };
  await show(0);
  return { frames, pace, show };
}

/** Waits until what was asked for is on the screen: Plotly draws at the next frame, and the page is put together after it. @type {() => Promise<void>} */
function drawn() {
  return new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done())); });
}

Object.assign(window, { collapseLabReel: reel().catch(sayInPlace) });
find(document, ".fp").dataset.reel = "begun";

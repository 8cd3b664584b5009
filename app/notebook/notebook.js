// Plays a film in an output of a notebook: a frame of its own, so that neither its keys nor its styles are the notebook's.

import { carried } from "../player/carried.js";
import { carriedPlotly } from "../player/carried_plotly.js";
import { parseFilm } from "../player/film.js";
import { find } from "../player/parts.js";
import { FilmPlayer } from "../player/player.js";
import { sayInPlace } from "../player/trouble.js";
import { pageAround, settleInto } from "./around.js";

/** @import { PlotlyModule } from "../player/types.d.ts" */

const LOOK_AGAIN_MS = 1000;

/** Plays the film once a person sees it: a browser has few graphics cards' pictures to give, and a notebook many films. */
async function playSeen() {
  const root = find(document, ".fp");
  settleInto(root);
  await seen(root);
  const film = parseFilm(await carried("film-1"));
  const player = new FilmPlayer(root, await sharedPlotly(root), { panels: film.header.panels[0].set });
  player.load([film]);
  while (!player.stage.Plotly) {
    await new Promise((again) => { setTimeout(again, LOOK_AGAIN_MS); }); // oxlint-disable-line no-await-in-loop
    const Plotly = await sharedPlotly(root); // oxlint-disable-line no-await-in-loop
    if (Plotly) player.stage.retry(Plotly);
  }
}

/** @type {(root: HTMLElement) => Promise<void>} */
function seen(root) {
  return new Promise((done) => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      done();
    });
    observer.observe(root);
  });
}

/**
 * Plotly, which one output of the notebook carries for all; null where none can be found: that output is not there yet, or
 * was deleted, or each output is a page that no other may look into. This page runs no other script than the Plotly it knows.
 * @type {(root: HTMLElement) => Promise<PlotlyModule | null>}
 */
async function sharedPlotly({ dataset: { plotly = "" } }) {
  if (window.Plotly) return window.Plotly;
  const around = pageAround();
  const packed = around?.collapseLab?.[plotly] ?? around?.document.querySelector(`[data-collapse-lab="${plotly}"]`)?.textContent;
  if (!around || !packed) return null;
  around.collapseLab = { [plotly]: packed }; // for films that come after that output was cleared
  const part = document.createElement("script");
  Object.assign(part, { id: "plotly", type: "text/plain", textContent: packed });
  document.body.append(part, "");
  return carriedPlotly();
}

playSeen().catch(sayInPlace);

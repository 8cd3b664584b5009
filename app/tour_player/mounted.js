// The component that Streamlit mounts: a tour on the Lessons screen. Its default export hands the tour to a player.

import { find } from "../player/parts.js";
import { loadPlotly } from "../player/plotly.js";
import { keepProgress, keptProgress } from "./progress.js";
import { engineOfPage } from "./room/library.js";
import { ServedTour } from "./room/served.js";
import { knobsWith } from "./scene_knobs.js";
import { TourPlayer } from "./tour.js";

/** @import { SceneFilmData, TourData } from "./types.d.ts" */

/**
 * What the screen says: addresses, whether scenes lead to the lab, and the speaker's notes of each scene.
 * @typedef {{ tour: string, plotly: string, engine: string, table: string, lab: boolean, notes: string[] }} TourPage
 */

/** @type {WeakMap<Element, MountedTour>} */
const mounted = new WeakMap();

class MountedTour {
  /** @param {HTMLElement} root @param {TourPage} page */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.left = false;
    /** @type {TourPlayer | null} */
    this.player = null;
    this.begin();
  }

  /** Plays the tour once its data is there; its films come by themselves. */
  async begin() {
    const { root, page } = this;
    const served = new ServedTour(new URL("lab/", document.baseURI), new URL(page.tour, document.baseURI));
    try {
      const data = await served.data();
      if (!this.left) this.#play(data, served);
    } catch (error) {
      find(root, ".tour-late").textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @type {(data: TourData, served: ServedTour) => void} */
  #play({ scenes, ...data }, served) {
    const { root, page } = this;
    const noted = { ...data, scenes: scenes.map((scene, place) => ({ ...scene, notes: page.notes[place] ?? "" })) };
    this.player = new TourPlayer(root, noted, {
      Plotly: loadPlotly(page.plotly), films: served.films, lab: page.lab ? addressInLab : null,
      knobs: knobsWith(() => engineOfPage({ table: page.table, engine: page.engine })),
      told: { progressed: (progress) => keepProgress(data.digest, progress) },
    });
    this.player.restore(keptProgress(data.digest));
    root.dataset.tour = data.digest;
  }

  leave() {
    this.left = true;
    this.player?.destroy();
  }
}

/** Where the lab shows the state of a film: its screens lie beside this one. @type {(film: SceneFilmData, link: string) => string} */
function addressInLab({ screen }, link) {
  return new URL(`${screen === "playground" ? "." : screen}${link}`, document.baseURI).href;
}

/**
 * Streamlit calls this again with new data on the same element; a tour lives through it, another one begins.
 * @param {{ parentElement: HTMLElement, data: TourPage }} component
 * @returns {() => void}
 */
export default function mountTour({ parentElement, data }) {
  let tour = mounted.get(parentElement);
  if (tour && tour.page.tour !== data.tour) {
    tour.leave();
    tour = undefined;
  }
  if (!tour) {
    tour = new MountedTour(find(parentElement, ".tour"), data);
    mounted.set(parentElement, tour);
  }
  const shown = tour;
  return () => setTimeout(() => {
    if (shown.root.isConnected) return; // called between two payloads as well: only leaving the screen ends a tour
    shown.leave();
    mounted.delete(parentElement);
  });
}

// The films that one component wishes for, fetched and shown.

import { parseFilm } from "./film.js";
import { FilmPlayer } from "./player.js";
import { loadPlotly } from "./plotly.js";

async function fetchFilm(address) {
  const answer = await fetch(new URL(address, document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error("The new film did not arrive; the last one stays. Turn a knob or reload the page.");
  return parseFilm(await answer.arrayBuffer());
}

/** One component's films: the newest wish wins, and what has arrived already is not fetched again. */
export class Wishes {
  constructor(root) {
    this.root = root;
    this.films = new Map();
  }

  async follow(data) {
    this.data = data;
    const addresses = [data.film, data.pinned].filter(Boolean);
    try {
      for (const address of addresses) {
        if (!this.films.has(address)) this.films.set(address, fetchFilm(address));
      }
      const [Plotly, film, pinned] = await Promise.all([loadPlotly(data.plotly), ...addresses.map((a) => this.films.get(a))]);
      if (this.data !== data) return;
      for (const address of this.films.keys()) if (!addresses.includes(address)) this.films.delete(address);
      const picture = this.player ? null : this.root.querySelector(".fp-scene");
      this.player ??= new FilmPlayer(this.root, Plotly, data);
      this.player.say("");
      this.player.setTalk(data.talk);
      this.player.setPanels(data.panels);
      if (this.player.film !== film || this.player.pinned !== (pinned ?? null)) this.player.load(film, pinned ?? null);
      if (picture) this.#drawInPlaceOf(picture);
      this.player.address?.write(); // the server's own links leave the look out
    } catch (error) {
      addresses.forEach((address) => this.films.delete(address));
      if (this.data !== data) return;
      if (this.player) this.player.say(error.message);
      else this.root.querySelector(".fp-waiting, .fp-caption").textContent = error.message;
    }
  }

  /** Whoever had this player has left. */
  leave() {
    this.data = null;
    this.player?.destroy();
  }

  /** A picture of the film's beginning stays over the scene until that has been drawn. */
  #drawInPlaceOf(picture) {
    this.player.parts.plot.after(picture);
    requestAnimationFrame(() => requestAnimationFrame(() => picture.remove()));
  }
}

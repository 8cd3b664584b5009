// Fetches the films that one component asks for, and has the player show them.

/** @import { Film } from "./film.js" */
/** @import { PageData } from "./types.d.ts" */
import { parseFilm } from "./film.js";
import { find } from "./parts.js";
import { FilmPlayer } from "./player.js";
import { loadPlotly } from "./plotly.js";
import { standIn } from "./poster.js";

/** @type {(address: string) => Promise<Film>} */
async function fetchFilm(address) {
  const answer = await fetch(new URL(address, document.baseURI)).catch(() => null);
  if (!answer?.ok) throw new Error("The new film did not arrive; the last one stays. Turn a knob or reload the page.");
  return parseFilm(await answer.arrayBuffer());
}

/** Whether two lists hold the same. @type {(some: unknown[] | undefined, others: unknown[]) => boolean} */
function isAlike(some, others) {
  return some?.length === others.length && others.every((each, i) => each === some[i]);
}

/** One component's films: the newest wish wins, and what has arrived already is not fetched again. */
export class Wishes {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, Promise<Film>>} */
    this.films = new Map();
    /** @type {PageData | null} */
    this.data = null;
    /** @type {FilmPlayer | null} */
    this.player = null;
  }

  /** @type {(data: PageData) => Promise<void>} */
  async follow(data) {
    this.data = data;
    const addresses = data.films.map(({ address }) => address), names = data.films.map(({ name }) => name);
    try {
      const arriving = addresses.map((address) => this.#film(address));
      const [Plotly, films] = await Promise.all([loadPlotly(data.plotly), Promise.all(arriving)]);
      if (this.data !== data) return;
      for (const address of this.films.keys()) if (!addresses.includes(address)) this.films.delete(address);
      const picture = this.player ? null : this.root.querySelector(".fp-scene");
      const player = (this.player ??= new FilmPlayer(this.root, Plotly, data));
      player.say("");
      const { talk, panels } = data;
      if (player.settings.talk !== talk || player.settings.panels !== panels) player.choose({ talk, panels });
      if (!isAlike(player.shown?.films, films) || !isAlike(player.shown?.names, names)) player.load(films, names);
      if (picture) standIn(picture, player);
      player.address?.write(); // the server's own links leave the look out
    } catch (error) {
      addresses.forEach((address) => this.films.delete(address));
      if (this.data !== data) return;
      const words = error instanceof Error ? error.message : String(error);
      if (this.player) this.player.say(words);
      else find(this.root, ".fp-waiting, .fp-caption").textContent = words;
    }
  }

  /** A film, asked for once. @type {(address: string) => Promise<Film>} */
  #film(address) {
    const film = this.films.get(address) ?? fetchFilm(address);
    this.films.set(address, film);
    return film;
  }

  /** Whoever had this player has left. */
  leave() {
    this.data = null;
    this.player?.destroy();
  }
}

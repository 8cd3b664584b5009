// The tour of a room and its films, as its server has them: each film is fetched once, by an address that stays.

/** @import { Film } from "../../player/film.js" */
/** @import { TourData } from "../types.d.ts" */
import { parseFilm } from "../../player/film.js";
import { patiently, refusalOf } from "./patience.js";

const NO_LONGER_KEPT = 404;

export class ServedTour {
  /**
   * @param {URL} lab
   * @param {URL} address of the tour's data
   * @param {HeadersInit} headers by which it is asked for
   */
  constructor(lab, address, headers = {}) {
    this.lab = lab;
    this.address = address;
    this.headers = headers;
    /** @type {Map<string, Promise<Film>>} */
    this.known = new Map();
    this.films = (/** @type {string} */ key) => this.#film(key);
  }

  /** The tour itself, once its films are made. @throws {Error} one sentence why there is none @type {() => Promise<TourData>} */
  async data() {
    return (await wholeAnswer(this.address, { headers: this.headers })).json();
  }

  /** @type {(key: string) => Promise<Film>} */
  #film(key) {
    const known = this.known.get(key) ?? this.#fetched(key);
    this.known.set(key, known);
    known.catch(() => this.known.delete(key));
    return known;
  }

  /** @type {(key: string) => Promise<Film>} */
  async #fetched(key) {
    const address = new URL(`film/${key}`, this.lab);
    let answer = await patiently(address);
    if (answer?.status === NO_LONGER_KEPT) {
      await this.data(); // which has the server make its films anew
      answer = await patiently(address);
    }
    if (!answer?.ok) throw new Error("This film is not to be had: load the page again.");
    return parseFilm(await answer.arrayBuffer());
  }
}

/** What a server has at an address. @throws {Error} what it refuses, in words @type {(address: URL, request?: RequestInit) => Promise<Response>} */
export async function wholeAnswer(address, request = {}) {
  const answer = await patiently(address, request);
  if (!answer) throw new Error("Nobody waits for this any more.");
  if (!answer.ok) throw new Error(await refusalOf(answer));
  return answer;
}

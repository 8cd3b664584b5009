// A rehearsal: students who are not there answer as a class might, so that a teacher sees her screen before the class does.

/** @import { Film } from "../../player/film.js" */
/** @import { QuestionData, SceneFilmData, TourData } from "../types.d.ts" */
/** @import { Answer, RoomState } from "./types.d.ts" */
import { meansAt } from "../placements.js";
import { patiently } from "./patience.js";

export const STUDENTS = 30;
/** The first answers after so long, the last ones after so much more. */
const [FIRST_MS, SLOWEST_MS] = [1500, 9000];
const [OF_CHOICES, OF_EACH_OPTION] = [0.5, 0.75]; // shares that are right
const SKETCHED = 12; // points of a sketch
const TURN = 0.5; // radians by which placed means are off

export class Rehearsal {
  /**
   * @param {URL} room
   * @param {string} code
   * @param {TourData} data
   * @param {(key: string) => Promise<Film>} films
   */
  constructor(room, code, data, films) {
    this.address = new URL(`${room.href}/answers`);
    this.code = code;
    this.data = data;
    this.films = films;
    /** @type {Set<number>} */
    this.attended = new Set();
  }

  /** Has everybody answer what the present scene asks, each after a while. @type {(state: RoomState) => Promise<void>} */
  async attend({ scene, ended }) {
    if (this.attended.has(scene) || ended) return;
    this.attended.add(scene);
    const { film: shown, questions } = this.data.scenes[scene];
    const film = shown && (await this.films(shown.digest).catch(() => null));
    questions.forEach((question, place) => {
      for (let student = 1; student <= STUDENTS; student += 1) {
        const answer = likelyAnswer(question, film, shown, Math.random);
        const body = JSON.stringify({ who: `simulated-${this.code}-${student}`, scene, question: place, answer });
        const request = { method: "POST", body, headers: { "Content-Type": "application/json" } };
        setTimeout(() => { patiently(this.address, request); }, FIRST_MS + Math.random() * SLOWEST_MS);
      }
    });
  }
}

/**
 * An answer that a student might give; `draw` gives numbers from 0 to 1.
 * @type {(question: QuestionData, film: Film | null, scene: SceneFilmData | null, draw: () => number) => Answer}
 */
export function likelyAnswer({ kind, options, right, truth, tolerance, curve }, film, scene, draw) {
  const places = options.map((_, place) => place);
  switch (kind) {
    case "choice": {
      const wrong = places.filter((place) => !right.includes(place));
      return draw() < OF_CHOICES || !wrong.length ? right[0] : wrong[Math.floor(draw() * wrong.length)];
    }
    case "several": return places.filter((place) => right.includes(place) === draw() < OF_EACH_OPTION);
    case "number": return guessed((truth ?? 0) * Math.exp(0.7 * normal(draw)) + (truth ? 0 : (tolerance ?? 1) * normal(draw)));
    case "draw": return film && scene && curve ? likelySketch(film, curve, scene, draw) : [[0, 0]];
    default: return film && scene ? likelyPlaces(film, scene, draw) : [[0, 0]];
  }
}

/** A curve that begins where the run waits and ends somewhere between there and beyond its end. @type {(film: Film, curve: string, scene: SceneFilmData, draw: () => number) => [number, number][]} */
function likelySketch(film, curve, { until, then }, draw) {
  const values = film.arrays[curve];
  const [from, to] = [values[until], values[then]];
  const share = 1.1 * draw(), bend = Math.exp(0.6 * normal(draw));
  return Array.from({ length: SKETCHED }, (_, i) => {
    const along = i / (SKETCHED - 1), gone = share * along ** bend;
    const y = from > 0 && to > 0 ? from * (to / from) ** gone : from + gone * (to - from);
    return [until + along * (then - until), y];
  });
}

/** The class means turned and moved a little from where they end. @type {(film: Film, scene: SceneFilmData, draw: () => number) => [number, number][]} */
function likelyPlaces(film, { then }, draw) {
  const by = TURN * normal(draw), [cos, sin] = [Math.cos(by), Math.sin(by)];
  return meansAt(film, then).map(([x, y]) => [cos * x - sin * y + 0.15 * normal(draw), sin * x + cos * y + 0.15 * normal(draw)]);
}

/** A number of the normal distribution, as Box and Muller draw it. @type {(draw: () => number) => number} */
function normal(draw) {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/** As a person writes a number that was guessed. @type {(value: number) => number} */
function guessed(value) {
  return Number(value.toPrecision(2));
}

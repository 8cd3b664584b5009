// A tour as `data.py` writes it, and what passes between the modules of its player. Only the type checker reads this file.

import type { Film } from "../player/film.js";
import type { Look, PlotlyModule } from "../player/types.d.ts";

export interface TourData {
  format: 1;
  digest: string;
  title: string;
  minutes: number;
  audience: string;
  scenes: SceneData[];
}
/** `html` and `notes` were written by the reader of documents, which escapes all that is not its own. */
export interface SceneData {
  id: string;
  title: string;
  html: string;
  notes: string;
  film: SceneFilmData | null;
  questions: QuestionData[];
}
/** Moments are frames of this film; `link` is what stands behind the question mark of its state in the lab, null where it has none. */
export interface SceneFilmData {
  digest: string;
  pinned: string | null;
  begins: number;
  until: number;
  then: number;
  show: string[];
  knobs: string[];
  /** Where the document lets a visitor turn knobs and the browser cannot: a sentence. */
  elsewhere: string;
  look: Look;
  /** The run of its film, as the film's header has it; null where it has no knobs. */
  config: Record<string, unknown> | null;
  link: string | null;
  screen: string;
}
/** `tolerance` is how far a number may be off; `options` and the other words are HTML. */
export interface QuestionData {
  kind: "choice" | "several" | "number" | "draw" | "place";
  prompt: string;
  reason: string;
  options: string[];
  right: number[];
  truth: number | null;
  tolerance: number | null;
  curve: string | null;
}

/** A place; a sorted list of places; a number; points [x, y] of a sketch, x in frames; a point for each class. */
export type Answer = number | number[] | [number, number][];
/** `right` is null where nothing was answered. */
export interface Verdict { right: boolean | null; words: string }

/** What a question knows of its scene: the whole film of the run, which is shown up to frame `until`, and later to `ends`. */
export interface QuestionContext {
  film: Promise<Film> | null;
  until: number;
  ends: number;
  /** To be called whenever the answer has changed. */
  changed: () => void;
}
/** A kind of question: how it is asked, and which values are answers to it: those from storage come from anywhere. */
export interface QuestionKind {
  build: (box: HTMLElement, question: QuestionData, context: QuestionContext) => AskedQuestion;
  takes: (answer: unknown, question: QuestionData) => boolean;
}
/** A question that stands on the page. */
export interface AskedQuestion {
  /** null while there is none yet. */
  readonly answer: Answer | null;
  /** Shows an answer that was given before. */
  put: (answer: Answer) => void;
  /** The answer is not to be changed any more. */
  lock: () => void;
  /** Shows the right answer, beside the person's own if there is one, and says whether that is right. */
  tell: () => Verdict;
  /** The film is at this frame: for what is drawn with it. */
  follow?: (frame: number) => void;
  destroy: () => void;
}

/** An answer that was given, and whether the right one was told. */
export interface Answered { answer: Answer | null; told: boolean }
/** How far a person is: the place of the scene, and what was answered, by the places of scene and question: "3.0". */
export interface TourProgress { scene: number; answers: Record<string, Answered> }

/** What a tour tells whoever plays it somewhere. */
export interface TourTold {
  moved?: (scene: number) => void;
  /** Something was answered or told, or the scene is another one. */
  progressed?: (progress: TourProgress) => void;
  answered?: (scene: number, question: number, answer: Answer) => void;
  /** A right answer was told. */
  revealed?: (scene: number, question: number) => void;
}
/** Knobs under the words of a scene; `show` puts a film on stage, null that of the scene. */
export type BuildKnobs = (place: HTMLElement, film: SceneFilmData, show: (film: Film | null) => void) => { destroy: () => void };
/** `alone`: answers are told at once. `student`: they are sent, and told once the teacher reveals them. `talk`: as alone, for a room. */
export type TourMode = "alone" | "student" | "talk";
export interface TourOptions {
  Plotly: Promise<PlotlyModule>;
  films: (digest: string) => Promise<Film>;
  knobs?: BuildKnobs | null;
  told?: TourTold;
  mode?: TourMode;
  /** Where the lab shows the state of a film; null, or left out, where there is no lab. */
  lab?: ((film: SceneFilmData, link: string) => string) | null;
}

// The shapes of what passes between the modules. Only the type checker reads this file.

import type { Cell } from "./cells.js";
import type { Film } from "./film.js";

export type Vector = number[];
/** Lists of the first, second and third coordinates of points; NaN lifts the pen. */
export type Points = Float32Array[];
export type Numbers = Float32Array | Float64Array;
export type Track = (number | null)[];

/** A film's header, as `ulpm_core/film` writes it. */
export interface Header {
  digest: string;
  partial?: boolean;
  kind?: string;
  title: string;
  caption: string;
  note?: string;
  classes: number;
  dimension: number;
  frames: number;
  axes: number;
  labels: number[];
  names?: string[];
  clock: FilmClock;
  curves: Curve[];
  panels: Panel[];
  guides: Guide[];
  events: Moment[];
  /** What is seen, in words, and how the run ended. */
  sentences?: string[];
  /** The numbers in the sentences that are values of curves: in which sentence, between which characters, of which curve and frame. */
  figures?: { sentence: number; start: number; end: number; curve: string; frame: number; value: number }[];
  outcome?: string;
  stop_reason?: string;
  flow_from: number | null;
  config?: Record<string, unknown> | null;
  /** Of a run whose classes differ in size. */
  class_sizes?: number[];
  crowd?: Crowd;
  /** Where the ideal frame is no simplex: the cosines between its class means and classifiers, row after row. */
  target?: { kind: string; cosines: number[]; cosines_w: number[] };
  arrays: Record<string, ArrayLayout>;
  format?: number;
  /** The versions of what measured it. */
  made_by?: Record<string, string>;
}
/** Of more classes than are on stage: how many there are, and of how many each row of the cosines is the mean. */
export interface Crowd { classes: number; blocks: number[] }
export interface ArrayLayout { dtype: string; shape: number[]; offset: number }
export interface FilmClock { by: string; step: number[]; time: Track; log_time: Track; epoch?: number[] }
/** Below its floor a curve on a log axis shows rounding; films of before do not say it. */
export interface Curve { name: string; label: string; definition: string; scale: string; on: string; floor?: number }
/** What something is: its name, its words, and a formula as MathML. */
export interface Explained { name: string; words: string; formula: string }
/** A term of the glossary: `spelt` is how sentences spell it, "" for one that stands in places of its own. */
export interface Term extends Explained { spelt: string }
/** The table of `app/terms/glossary.py`. Of curves it has the words beside the definition that they stand for. */
export interface Glossary {
  legend: Record<"dot" | "mean" | "arrow" | "ghost", string>;
  terms: Record<string, Term>;
  curves: Record<string, { definition: string; words: string; formula: string }>;
}
/** A figure of one moment with all that makes it again, as `ulpm_core/claims/claim.py` has it. */
export interface Claim {
  name: string; value: number; digits: number; floor: number; at: Record<string, number>;
  definition: string; formula: string; source: string; interval: [number, number] | null;
  config: Record<string, unknown> | null; digest: string; link: string; versions: Record<string, string>;
  command: string[]; notes: string[]; check: string;
}
/** The table of `app/terms/claims.py`. */
export interface ClaimTable {
  words: Record<string, string>; headings: Record<string, string>; code: string[]; sources: Record<string, string>;
  /** The curves that can be claimed, beside those of layers inside a network. */
  figures: string[];
  formulas: Record<string, string>; signs: Record<string, string>; run: string; net: string; features: string; given: string;
  where: Record<"step" | "log_time", string>; needs: Record<string, string>; losses: Record<string, string>; mean: Record<string, string>; value: string;
  checks: Record<string, [string[], string]>; of_a_recording: Record<string, string>; of_features: Record<string, [string[], string]>;
  digits: Record<string, number>; near_one: number; least_loss: number; as_for_w: number; always_said: string[]; floats: string[]; counted: string[]; most_letters: number;
  defaults: Record<"run" | "network", Record<string, string>>;
}
export interface Panel { set: string; title: string; curves: string[] }
export interface Guide { curve: string; label: string; x_frames: number[]; y: Track }
export interface Moment { frame: number; id?: string; when: string; label: string; kind: string }
export interface Images { height: number; width: number; pixels: Numbers }

export interface Spot { x: number; y: number; z: number }
/** Where a scene is seen from, in Plotly's unit: half the side of the stage is half of 1. */
export interface Camera { eye: Spot; center: Spot; up: Spot; projection: { type: string } }
/** Cameras that a person chose, one for films in a plane and one for those in space. */
export interface Cameras { flat?: Camera; space?: Camera }
/** How one film's side of the stage is seen: its cell in pixels, and as shares of the stage from the left and from below. */
export interface Side { camera: Camera; flat: boolean; cell: Cell; domain: { x: number[]; y: number[] } }
/** Pixels from the left and the top, and distance along the line of sight, of a point of the film. */
export type Sight = (x: number, y: number, z: number) => [number, number, number];

/** What a viewer has chosen: one value, replaced as a whole. null: what the film itself would choose. */
export interface Settings {
  /** Of films with more than three dimensions: "first", "tour" or "polygon". */
  view: string | null;
  cameras: Cameras;
  speed: number;
  loop: boolean;
  trails: boolean;
  /** Lengths as they are, not over their mean. */
  raw: boolean;
  /** The cosine matrix is of the classifiers, not of the class means. */
  weights: boolean;
  /** What the curves are drawn over; see ticks.js. */
  clock: string | null;
  /** The set of curves beside the stage. */
  panels: string;
  /** All curves of a run, not the first few alone. */
  allCurves: boolean;
  talk: boolean;
  /** In talk mode: the page is light or dark, null: as the machine has it; the sentence of what happens is shown; the one curve beside the stage. */
  theme: "light" | "dark" | null;
  captions: boolean;
  curve: string | null;
  /** Of several films, which has its figures read; null: the last. */
  film: number | null;
  /** Seen from a room's last row, as in talk mode. */
  far: boolean;
  /** How many times larger than usual all is drawn. */
  big: number;
}

/** A moment of a film, as a link names it. */
export interface At { event?: string; step?: number; log_time?: number; share?: number }
/** How a link asks a film to be looked at. */
export interface Look { view?: string; camera?: number[]; at?: At; speed?: number; theme?: string; captions?: string; curve?: string; film?: string }
/** What a screen of the page tells its player. */
export interface PageData {
  /** Side by side on one clock; the last is the present one. */
  films: { address: string; name: string }[];
  plotly: string;
  talk: boolean;
  panels: string;
  look?: Look;
  link?: string;
}

/** The page's colours and font, for what is drawn and not styled. */
export interface Theme {
  ground: string;
  ink: string;
  accent: string;
  groundRgb: number[];
  font: string;
  soft: string;
  grey: string;
  /** Of the films A to D, for their curves. */
  films: string[];
  faint: string;
  alarm: string;
}
/** The colour, mark and size of a class. */
export interface ClassLook { colour: string; symbol: string; size: number }

type Each<T> = T | T[];
/** A trace of a Plotly scene, as far as the stage writes it. */
export interface Trace {
  uid: string;
  name: string;
  scene: string;
  mode?: string;
  x: Float32Array;
  y: Float32Array;
  z: Float32Array;
  visible: boolean;
  text?: string[];
  textposition?: string;
  line?: { width: number; color: Each<string> };
  marker?: { symbol: Each<string>; color: Each<string>; size: Each<number>; line?: { width: number; color?: string }; opacity?: number };
  textfont?: { size: number; color: string; family: string };
}
/** What draws the traces of the stage: Plotly's scenes, or a pen on a canvas. */
export interface Pen {
  /** Draws everything anew; false where the browser gives no WebGL. */
  show(traces: Trace[], sides: Side[]): boolean;
  look(sides: Side[], change?: Record<string, unknown>): void;
  move(index: number, points: Points): void;
  flush(): void;
  destroy(): void;
}
/** What a pen tells of: a hand that turns a scene, or has turned it, and a drawing that is gone. */
export interface Hands {
  turning(cameras: (Camera | undefined)[]): void;
  turned(side: number, camera: Camera): void;
  lost(): void;
}

/** An element in which Plotly has drawn. */
export interface Plot extends HTMLElement {
  data: Record<string, unknown>[];
  layout: Record<string, any>;
  on(event: string, act: (change: any) => void): void;
}
/** What we ask of Plotly's public functions. */
export interface PlotlyModule {
  react(plot: HTMLElement, data: object[], layout: object, config: object): Promise<unknown>;
  relayout(plot: HTMLElement, change: object): Promise<unknown>;
  restyle(plot: HTMLElement, change: object, indices: number[]): Promise<unknown>;
  purge(plot: HTMLElement): void;
}
declare global {
  interface Window {
    Plotly?: PlotlyModule;
    collapseLabPlotly?: Promise<PlotlyModule>;
  }
}

/** Films on one clock, and what each is called. The last is the present one; `lead` goes on longest. */
export interface Shown { films: Film[]; names: string[]; lead: Film }

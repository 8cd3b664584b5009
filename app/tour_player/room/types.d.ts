// What passes between a room and its pages. Only the type checker reads this file.

import type { Answer, QuestionData } from "../types.d.ts";

export type { Answer };
/** What everybody in a room hears; all but the first time only what has changed. */
export interface RoomState {
  scene: number;
  frame: "play" | number | string;
  pace: "teacher" | "free";
  revealed: [number, number][];
  here: number;
  answered: number;
  /** Whether everyone's own start is on the screen. */
  starts?: boolean;
  /** Whether the class is simulated. */
  rehearsal?: boolean;
  ended?: boolean;
}
/** What is right of a question that was revealed, and why. */
export interface Told extends Pick<QuestionData, "reason" | "right" | "truth" | "tolerance"> { scene: number; question: number }
/** What a class has answered to one question. */
export interface Tally {
  question: number;
  kind: string;
  answered: number;
  options?: string[];
  counts?: number[];
  numbers?: number[];
  sketches?: number[][][];
  placements?: number[][][];
}
export interface SceneTally { scene: number; title: string; questions: Tally[] }
export interface Results { here: number; answered: number; state: RoomState; scenes: SceneTally[] }
/** A class's record, opened. */
export interface OpenedRecord { day: string; title: string; scenes: SceneTally[]; notes: string[]; tour: string }
/**
 * Everyone's start: the margin of each at each log time; a start is its student's number. `config` is that of the first,
 * null where no browser can make its film.
 */
export interface StartLines { log_time: (number | null)[]; gamma: (number | null)[][]; seeds: number[]; words: string; config: Record<string, unknown> | null }
/** A room that this browser opened: `opened` in milliseconds since 1970. */
export interface KeptRoom { secret: string; title: string; opened: number; rehearsal: boolean }

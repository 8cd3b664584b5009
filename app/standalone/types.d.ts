// The page's part of the table that `app/standalone/table.py` exports, and what the page remembers. Only the type
// checker reads this file.

import type { Config } from "../player/engine/config.js";
import type { Cost, Fields, Parameters } from "../player/engine/types.d.ts";
import type { Look } from "../player/types.d.ts";

/** How a parameter is turned, null for one that only a link turns: `ladder` and `words` are pairs of a value as a link writes it and what it is called. */
export interface KnobRow {
  name: string;
  kind: "slider" | "ladder" | "choice" | "number" | "seed" | null;
  ladder: [string, string][];
  words: [string, string][];
  needs: string[];
  advanced: boolean;
  /** The facts of a run in which an advanced knob stands under its rule; null for never. */
  unfolded: string[] | null;
}
/** A knob without a parameter of its own: `options` are values and what they are called, null where a run decides them. */
export interface DerivedRow {
  name: string;
  label: string;
  help: string;
  kind: "choice" | "ladder";
  after: string;
  needs: string[];
  options: [string, string][] | null;
  said: Record<string, string>;
}
export interface RuleRow { sets: Fields; room: boolean }
export interface PresetRow { name: string; watch: string; link: Record<string, string>; pin: string | null }
export interface ActionWords { label: string; help: string }
/** Why, what is allowed, and an example. */
export type WhyLook = [string, string, string];
export interface LinkTable {
  keys: string[];
  pin_example: string;
  why: Record<string, string> & { more: [string, string]; "flow-curves": [string, string] };
  a_link: string;
  most_refusals: number;
  examples: Record<string, string>;
  longest_question: number;
  look: {
    choices: Record<string, string[]>;
    paces: Record<string, number>;
    number: string;
    event: string;
    longest_event: number;
    eye: [number, number];
    why: Record<string, WhyLook>;
  };
}
export interface PageTable {
  parameters: Parameters;
  cost: Cost;
  rows: KnobRow[];
  derived: DerivedRow[];
  rules: Record<string, RuleRow>;
  largest_size: number;
  falls_back: string[];
  presets: PresetRow[];
  panels: [string, string][];
  beside_a_gradient: string[];
  gives_way: string[];
  lengths: string[];
  flows_from: { needs: string[]; log_time: number };
  largest_seed: number;
  usual_controls: string[];
  link: LinkTable;
  words: {
    actions: Record<string, ActionWords>;
    as_far: Record<string, string>;
    no_flow: string;
    gave_way: string;
    where: Record<string, string>;
    cancelled: string;
    cut_short: string;
    opening: { questions: Record<string, string>; of_any: string };
    setting: Record<string, string>;
    counts: string[];
    kinds: Record<string, string>;
    losses: Record<string, string>;
    what_is: string;
    picture: string;
    share: Record<string, string>;
    same: string;
    differ: string;
  };
}

/** All that the page remembers, which is all that its link says. */
export interface LabState {
  config: Config;
  pinned: Config | null;
  /** The knobs left visible; null for all of them. */
  controls: string[] | null;
  question: string;
  talk: boolean;
  panels: string;
  look: Look;
}
/** A state that a link asks for, and a sentence for each part of it that was refused. */
export interface Reading { state: LabState; refusals: string[] }
export type { Config, Fields, Look };

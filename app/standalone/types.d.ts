// The page's part of the table that `app/standalone/table.py` exports, and what the page remembers. Only the type
// checker reads this file.

import type { Config } from "../player/engine/config.js";
import type { Fields, Parameters } from "../player/engine/types.d.ts";
import type { Look } from "../player/types.d.ts";

/** How a parameter is turned, null for one that only a link turns: `ladder` and `words` are pairs of a value as a link writes it and what it is called. */
export interface KnobRow {
  name: string;
  kind: "slider" | "ladder" | "choice" | "number" | "seed" | null;
  ladder: [string, string][];
  words: [string, string][];
  needs: string[];
  advanced: boolean;
}
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
    views: string[];
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
  rows: KnobRow[];
  presets: PresetRow[];
  panels: [string, string][];
  other_objectives: string[];
  gives_way: string[];
  lengths: string[];
  flows_from: { needs: string[]; log_time: number };
  largest_seed: number;
  link: LinkTable;
  words: {
    actions: Record<string, ActionWords>;
    as_far: Record<string, string>;
    no_flow: string;
    gave_way: string;
    where: Record<string, string>;
    cancelled: string;
    cut_short: string;
    watch: string;
    what_is: string;
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

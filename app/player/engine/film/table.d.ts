// The parts of Python's table that a film is made from: `app/engine/words.py`. Only the type checker reads this file.

type Templates = Record<string, string>;

export interface FilmWords {
  said: Templates;
  where: Templates;
  on_the_way: string;
  stopped: Templates;
  divergence: Templates;
  notes: Templates;
  /** Definitions of the curve of the loss, by the loss. */
  losses: Templates;
  /** Rules of steps as subjects of sentences. */
  rules: Templates;
  events: Templates;
  kinds: Templates;
  too_large: string;
  crowd: { why: string; least: number; most: number; example: number };
  engine: Templates;
  /** Units of a wait in seconds, and how a wait of so many is said. */
  waits: [number, string][];
  starts: Templates;
}
export interface KnownCurve {
  name: string;
  label: string;
  definition: string;
  scale: string;
  on: string;
  floor: number;
  /** The numbers of the panels that hold it. */
  panels: number[];
  beside: string;
  angles: boolean;
}
export interface KnownPanel { set: string; title: string; no_ideal: string }
export interface FilmTable {
  config: { kind: string; added: string[] };
  words: FilmWords;
  curves: { format: number; made_by: Record<string, string>; definitions: Templates; guides: Templates; always: string[]; known: KnownCurve[] };
  panels: { known: KnownPanel[]; loss: number; flow_loss: number; norms: number; held_norms: string; flow_sets: string[] };
}

// The title, the caption that keeps the view of a run honest, and the note on what the stage leaves out.

/** @import { Config } from "../config.js" */
/** @import { Say } from "./said.js" */
import { fixed, grouped } from "../number_words.js";
import { dimensionWords } from "./told.js";

/** Share of the spread outside the stage from which it is told. */
const VISIBLE = 1e-4;

/** @type {(config: Config, say: Say) => string} */
export function titleOf(config, say) {
  const { class_sizes: sizes, classes, dimension } = config;
  const of = sizes.length ? say("title-sizes", { least: grouped(Math.min(...sizes)), most: grouped(Math.max(...sizes)) }) : "";
  return say("title", { classes, of, dimensions: dimensionWords(say, dimension) });
}

/** What the stage leaves out: of the samples of each class it shows so many. @type {(config: Config, shown: number[], say: Say) => string} */
export function shownNote({ sizes, sampleCount }, shown, say) {
  const count = shown.reduce((sum, of) => sum + of, 0);
  if (count === sampleCount) return "";
  if (sizes.some((size) => size !== sizes[0])) return say("note", { shown: grouped(count), all: grouped(sampleCount) });
  return say("note-even", { shown: shown[0], all: sizes[0] });
}

/** `aims` says that a frame is drawn where it is no simplex, `unframed` why none is though there is room. @type {(config: Config, axes: number, hidden: number, aims: boolean, unframed: string, say: Say) => string} */
export function captionWords({ classes, dimension: d, class_sizes: sizes }, axes, hidden, aims, unframed, say) {
  const flat = Math.min(axes, 3);
  const part = d > 3 ? say("part", { flat, d }) : "";
  if (d < classes - 1) {
    const verb = say(d === 1 ? "no-simplex-is" : "no-simplex-are");
    const frame = say(aims ? (sizes.length ? "best-sizes" : "best-known") : "no-frame");
    return say("no-simplex", { classes, needed: dimensionWords(say, classes - 1), verb, d, frame, part });
  }
  if (unframed) return say(unframed, { part });
  if (sizes.length) return say("uneven-best", { part });
  if (classes > 4) return say("shadow", { spans: classes - 1, flat });
  if (d <= 3) return say("exact");
  const outside = hidden >= VISIBLE ? say("outside", { share: `${fixed(100 * hidden, 1)}%` }) : say("nothing-outside");
  return say("shown", { flat, d, which: say(`shown-${classes}`), outside });
}

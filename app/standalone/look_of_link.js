// Reads how a link asks a film to be looked at, as app/page/look.py does.

/** @import { LinkTable, Look, PageTable } from "./types.d.ts" */
/** @import { At } from "../player/types.d.ts" */
import { refuse } from "../player/engine/refusal.js";

/**
 * The look that a link asks for. Each part that is wrong is left to the player, with a sentence that says so.
 * @type {(link: Map<string, string>, page: PageTable, refusals: string[]) => Look}
 */
export function readLook(link, { link: { look: table }, parameters: { refusals: phrases } }, refusals) {
  /** @type {Record<string, (text: string) => unknown>} */
  const readers = {
    ...Object.fromEntries(Object.entries(table.choices).map(([name, known]) => [name, (/** @type {string} */ text) => (known.includes(text) ? text : undefined)])),
    camera: (text) => eyeOf(text, table),
    at: (text) => momentOfLook(text, table),
    speed: (text) => (Object.hasOwn(table.paces, text) ? table.paces[text] : undefined),
  };
  /** @type {Look} */
  const look = {};
  for (const name of Object.keys(table.why)) {
    const reader = readers[name];
    const text = link.get(name);
    const value = text === undefined ? undefined : reader(text);
    if (value !== undefined) Object.assign(look, { [name]: value });
    else if (text !== undefined) refusals.push(refuse(phrases, name, text, ...table.why[name]).message);
  }
  return look;
}

/** @type {(pattern: string, text: string) => RegExpExecArray | null} */
function fullMatch(pattern, text) {
  return new RegExp(`^(?:${pattern})$`).exec(text);
}

/** @type {(text: string, table: LinkTable["look"]) => number[] | undefined} */
function eyeOf(text, { number, eye: [nearest, farthest] }) {
  const found = fullMatch(`(${number}),(${number}),(${number})`, text);
  if (!found) return undefined;
  const place = found.slice(1, 4).map((x) => Math.round(Number(x) * 1000) / 1000);
  const far = Math.hypot(...place);
  return nearest <= far && far <= farthest ? place : undefined;
}

/** @type {(text: string, table: LinkTable["look"]) => At | undefined} */
function momentOfLook(text, { number, event, longest_event: longest }) {
  if (text.length > longest) return undefined;
  const found = fullMatch(`(step|log_time):(${number})`, text);
  if (found) return { [found[1]]: Number(found[2]) };
  if (fullMatch(event, text)) return { event: text };
  const share = fullMatch(number, text) ? Number(text) : NaN;
  return share >= 0 && share <= 1 ? { share } : undefined;
}

// Says what each key does, and which keys belong to the player.

/** @import { FilmPlayer } from "./player.js" */

/** @typedef {"playOrPause" | "back" | "forward" | "first" | "last" | "loop" | "full" | "sample" | "matrix" | "figures"} Action */

/** @type {Record<string, Action | undefined>} */
const KEYS = {
  " ": "playOrPause", ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", l: "loop", f: "full", s: "sample", m: "matrix",
  t: "figures",
};

/** Of several films, each has its figures read. */
const FILMS = "1234";

/** With Shift, the arrows turn the stage: radians across and up. @type {Record<string, [number, number] | undefined>} */
const TURNS = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };

/**
 * Whether the focused element needs this key for itself: fields any, sliders and lists the arrows, buttons Space.
 * @type {(target: EventTarget | null, key: string, scrub: Element) => boolean}
 */
export function usesKey(target, key, scrub) {
  if (!(target instanceof Element) || target === scrub) return false;
  const moves = key.startsWith("Arrow") || key === "Home" || key === "End";
  if (target.closest("input[type=range], [role=slider], [role=radiogroup], [role=tablist], [role=menu]")) return moves;
  if (target.closest("input, textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=dialog]")) return true;
  return key === " " && Boolean(target.closest("button, a, summary, [role=button], [role=checkbox], [role=switch]"));
}

/**
 * Once a mouse or a finger has used a control, the keys are the film's again; whoever came by key stays there.
 * @type {(root: HTMLElement, signal: AbortSignal) => void}
 */
export function giveKeysBack(root, signal) {
  let pointed = false;
  root.addEventListener("pointerdown", () => { pointed = true; }, { signal });
  root.addEventListener("keydown", () => { pointed = false; }, { signal });
  /** @type {(kind: string) => void} */
  const leave = (kind) => {
    const focused = document.activeElement; // not the event's target: a button that changes its icon loses that
    if (pointed && focused instanceof HTMLElement && root.contains(focused) && focused.matches(kind)) focused.blur();
  };
  root.addEventListener("click", () => leave("button"), { signal }); // a choice is still open then
  root.addEventListener("change", () => leave("select, input"), { signal });
}

/**
 * Hands the page's keys to a player that has a film, but for those that the focused element needs.
 * @type {(player: FilmPlayer, signal: AbortSignal) => void}
 */
export function listenToKeys(player, signal) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (!player.shown || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (key === "Escape") {
      player.escape();
      return;
    }
    const turn = event.shiftKey && TURNS[key], film = FILMS.indexOf(key);
    const action = KEYS[key.length === 1 ? key.toLowerCase() : key];
    const reads = player.shown.films.length > 1 && film >= 0;
    if (!(turn || action || reads) || usesKey(target, key, player.parts.scrub)) return;
    event.preventDefault();
    if (turn) player.turn(...turn);
    else if (action) player[action]();
    else player.read(film);
  }, { signal });
}

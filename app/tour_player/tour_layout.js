// Builds the elements of a tour, once; scenes only fill them.

/** @import { TourData } from "./types.d.ts" */
import { make, wordButton } from "../player/parts.js";

/** Beyond so many scenes a row of dots says nothing. */
const MOST_DOTS = 16;

/** @typedef {{ goTo: (scene: number) => void, back: () => void, next: () => void }} Moves */
/** @typedef {ReturnType<typeof buildTour>} TourParts */

/**
 * Fills the root of a tour. What stands in it already may hold a film player's root with a picture, which stays.
 * @param {HTMLElement} root
 * @param {TourData} data
 * @param {Moves} moves
 */
export function buildTour(root, data, moves) {
  const film = root.querySelector(".fp") ?? make("div", "fp");
  root.replaceChildren();
  root.classList.add("tour");
  const head = make("header", "tour-head", root);
  make("p", "tour-name", head, data.title);
  const { list, items } = buildList(head, data, moves);
  const words = make("section", "tour-words", root);
  words.setAttribute("aria-label", "Words of this scene");
  const title = make("h1", "tour-title", words);
  title.tabIndex = -1;
  const text = make("div", "tour-text", words);
  const questions = make("div", "tour-questions", words);
  const watch = make("div", "tour-watch", words);
  const knobs = make("div", "tour-knobs", words);
  const foot = make("p", "tour-foot", words);
  const stage = make("section", "tour-stage", root);
  stage.setAttribute("aria-label", "Film of this scene");
  film.setAttribute("data-testid", "film-player");
  stage.append(film);
  const bar = make("nav", "tour-bar", root);
  bar.setAttribute("aria-label", "Scenes");
  const back = wordButton(bar, "tour-button", "Back", moves.back);
  back.title = "Back (PageUp)";
  const { dots, where } = buildDots(bar, data, moves);
  const next = wordButton(bar, "tour-button tour-primary", "Next", moves.next);
  next.title = "Next (PageDown)";
  const live = make("div", "fp-unseen", root);
  live.setAttribute("aria-live", "polite");
  return { head, list, items, stage, words, title, text, questions, watch, knobs, foot, bar, back, next, dots, where, live };
}

/** The scenes by their titles, folded. @param {HTMLElement} head @param {TourData} data @param {Moves} moves */
function buildList(head, { scenes }, moves) {
  const list = make("details", "tour-list", head);
  make("summary", "", list, "Scenes");
  const rows = make("ol", "", list);
  const items = scenes.map(({ title }, place) => wordButton(make("li", "", rows), "tour-item", title, () => {
    list.open = false;
    moves.goTo(place);
  }));
  return { list, items };
}

/** @param {HTMLElement} bar @param {TourData} data @param {Moves} moves */
function buildDots(bar, { scenes }, moves) {
  const middle = make("div", "tour-where", bar);
  const row = make("div", "tour-dots", middle);
  row.hidden = scenes.length > MOST_DOTS;
  const dots = (row.hidden ? [] : scenes).map(({ title }, place) => {
    const dot = wordButton(row, "tour-dot", "", () => moves.goTo(place));
    dot.title = title;
    dot.setAttribute("aria-label", `Scene ${place + 1}: ${title}`);
    return dot;
  });
  return { dots, where: make("span", "tour-count", middle) };
}

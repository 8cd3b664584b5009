// A picture of a film's beginning, which stands on the stage until the stage is drawn.

/** @import { FilmPlayer } from "./player.js" */

/** Keeps a picture over the scene of a new player until that has been drawn. @type {(picture: Element, player: FilmPlayer) => void} */
export function standIn(picture, player) {
  player.parts.plot.after(picture);
  requestAnimationFrame(() => requestAnimationFrame(() => picture.remove()));
}

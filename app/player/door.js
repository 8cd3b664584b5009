// The component that Streamlit mounts: its default export hands films to a player.

import { takeOver } from "./first.js";
import { find } from "./parts.js";
import { listenToTerms } from "./terms.js";
import { Wishes } from "./wishes.js";

/** @import { PageData } from "./types.d.ts" */

listenToTerms(); // those of a page that has no film yet, too
/** @type {WeakMap<Element, Wishes>} */
const players = new WeakMap();

/**
 * Streamlit calls this again with new data on the same element; the player lives through it.
 * @param {{ parentElement: HTMLElement, data: PageData }} component
 * @returns {() => void}
 */
export default function mountFilm({ parentElement, data }) {
  let wishes = players.get(parentElement);
  if (!wishes) {
    wishes = takeOver(parentElement, data) ?? new Wishes(find(parentElement, ".fp"));
    players.set(parentElement, wishes);
  }
  wishes.follow(data);
  return () => setTimeout(() => {
    if (wishes.root.isConnected) return; // called between two payloads as well: only leaving the page ends a player
    wishes.leave();
    players.delete(parentElement);
  });
}

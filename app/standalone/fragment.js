// Keeps the page's address at what is on screen: all of it stands after #, which no server sees.

import { AddressBar } from "../player/address.js";

/** @import { Look } from "../player/types.d.ts" */
/** @typedef {Record<string, string | number | undefined>} LookKeys */

/** Moves what a link to the full lab asks for, after ?, to where it stands here, after #. @type {(keys: string[]) => void} */
export function moveQuery(keys) {
  const { pathname, search, hash } = window.location;
  if (hash.length > 1 || ![...new URLSearchParams(search).keys()].some((name) => keys.includes(name))) return;
  try {
    window.history.replaceState(null, "", `${pathname}#${search.slice(1)}`);
  } catch {
    // a frame inside another page may have no address of its own
  }
}

/** Takes the place of the player's own part of an address, and writes all of it. */
export class FragmentBar extends AddressBar {
  /**
   * @param {{ lookKeys: LookKeys | null, look: Look | null }} player
   * @param {(look: LookKeys) => string} link the link to this state, looked at so
   * @param {() => void} left called when a speaker leaves talk mode
   */
  constructor(player, link, left) {
    super(player);
    this.seen = player;
    this.link = link;
    this.leaveTalk = left;
  }

  /** While the film that an address asks for is on its way, its look stands in the address alone. */
  write() {
    if (!this.seen.look) this.put(false);
  }

  /** Writes the address now; `step` makes it one to which the Back button leads. @type {(step: boolean) => void} */
  put(step) {
    clearTimeout(this.timer);
    const now = this.link(this.player.lookKeys ?? {});
    const { pathname, search, hash } = window.location;
    if (now === hash) return;
    try {
      window.history[step ? "pushState" : "replaceState"](null, "", now || `${pathname}${search}`);
    } catch {
      // a frame inside another page may have no address of its own
    }
  }
}

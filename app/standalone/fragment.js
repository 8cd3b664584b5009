// Keeps the page's address at what is on screen: all of it stands after #, which no server sees.

import { AddressBar } from "../player/address.js";

/** Takes the place of the player's own part of an address, and writes all of it. */
export class FragmentBar extends AddressBar {
  /**
   * @param {{ lookKeys: Record<string, string | number | undefined> | null }} player
   * @param {(look: Record<string, string | number | undefined>) => string} link the link to this state, looked at so
   */
  constructor(player, link) {
    super(player);
    this.link = link;
  }

  write() {
    this.put(false);
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

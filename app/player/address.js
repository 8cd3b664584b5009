// Keeps the player's look in the page's address.

import { withLook } from "./look.js";

const QUIET_MS = 250;

/** The player's own part of the page's link. All other keys stay letter for letter. */
export class AddressBar {
  /** @param {{ lookKeys: Record<string, string | number | undefined> | null }} player */
  constructor(player) {
    this.player = player;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Writes once the person has been quiet for a moment. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), QUIET_MS);
  }

  write() {
    clearTimeout(this.timer);
    const keys = this.player.lookKeys;
    if (!keys) return;
    const { pathname, search, hash } = window.location;
    const now = withLook(search, keys);
    if (now === search) return;
    try {
      window.history.replaceState(window.history.state, "", `${pathname}${now}${hash}`);
    } catch {
      return; // a sandboxed frame has no address of its own
    }
    window.dispatchEvent(new Event("lab-look"));
  }

  /** Goes to the same address without talk mode, as the Back button would; the page follows. */
  leaveTalk() {
    const { pathname, search } = window.location;
    const left = search.replace(/^\?/, "").split("&").filter((part) => part.split("=")[0] !== "talk").join("&");
    try {
      window.history.pushState(null, "", pathname + (left && `?${left}`));
    } catch {
      return; // a sandboxed frame has no address of its own: its page has the button
    }
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

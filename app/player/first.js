// The first film, which the page's own HTML begins while Streamlit's code is still arriving: its player is handed over.

import { AddressBar } from "./look.js";
import { loadPlotly } from "./plotly.js";
import { Wishes } from "./wishes.js";

const LOOK_EVERY_MS = 250;
const GIVE_UP_MS = 10_000;

/** A film on stage before its component is. `place` holds the player's root, and the addresses of film and Plotly. */
class First {
  constructor(place) {
    this.place = place;
    this.data = { talk: false, panels: "run", ...place.dataset };
    this.wishes = new Wishes(place.querySelector(".fp"));
    this.wishes.follow(this.data);
    this.path = location.pathname;
    this.looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** The same player in the component's place, if that wants the same film; the page's beginning is over either way. */
  handOver(parentElement, data) {
    const { place, wishes, data: { film, talk, panels } } = this;
    this.#end();
    if (data.film !== film || data.pinned || data.talk !== talk || data.panels !== panels) {
      this.#leave();
      return null;
    }
    const focused = wishes.root.contains(document.activeElement) ? document.activeElement : null;
    parentElement.querySelector(".fp").replaceWith(wishes.root);
    place.remove();
    setTimeout(() => focused?.focus({ preventScroll: true })); // once it stands where it was moved to
    if (wishes.player) wishes.player.address = new AddressBar(wishes.player); // before, no page had one to keep
    wishes.player?.restyle();
    return wishes;
  }

  /** Streamlit has shown another page, or none: what was begun makes room. */
  #look() {
    const still = document.querySelector(".stApp")?.dataset.testScriptState === "notRunning";
    if (!still) this.ended = undefined;
    else this.ended ??= performance.now();
    if (location.pathname === this.path && !(performance.now() - this.ended > GIVE_UP_MS)) return;
    this.#end();
    this.#leave();
  }

  #leave() {
    this.wishes.leave();
    this.place.remove();
  }

  #end() {
    clearInterval(this.looking);
    first = null;
  }
}

const beginning = document.getElementById("lab-first");
if (beginning) loadPlotly(beginning.dataset.plotly).catch(() => {}); // whoever needs it says so
let first = beginning?.dataset.film ? new First(beginning) : null;

/** The films that the page itself began, in the component's place; null where it began none, or another one. */
export function takeOver(parentElement, data) {
  return first?.handOver(parentElement, data) ?? null;
}

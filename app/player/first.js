// Begins the first film in the page's own HTML while Streamlit's code is still arriving, and hands its player over.

/** @import { PageData } from "./types.d.ts" */
import { AddressBar } from "./address.js";
import { find } from "./parts.js";
import { loadPlotly } from "./plotly.js";
import { Wishes } from "./wishes.js";

const LOOK_EVERY_MS = 250;
const GIVE_UP_MS = 10_000;

/** A film on stage before its component is. `place` holds the player's root, and the addresses of film and Plotly. */
class First {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    const { film = "", plotly = "" } = place.dataset;
    /** @type {PageData} */
    this.data = { talk: false, panels: "run", films: [{ address: film, name: "" }], plotly };
    this.wishes = new Wishes(find(place, ".fp"));
    this.wishes.follow(this.data);
    this.path = location.pathname;
    /** When Streamlit had drawn its page. @type {number | undefined} */
    this.ended = undefined;
    this.looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /**
   * The same player in the component's place, if that wants the same film; the page's beginning is over either way.
   * @type {(parentElement: HTMLElement, data: PageData) => Wishes | null}
   */
  handOver(parentElement, data) {
    const { place, wishes, data: { films: [{ address }], talk, panels } } = this;
    this.#end();
    if (data.films.length > 1 || data.films[0].address !== address || data.talk !== talk || data.panels !== panels) {
      this.#leave();
      return null;
    }
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement && wishes.root.contains(activeElement) ? activeElement : null;
    find(parentElement, ".fp").replaceWith(wishes.root);
    place.remove();
    setTimeout(() => focused?.focus({ preventScroll: true })); // once it stands where it was moved to
    const { player } = wishes;
    if (player) player.address = new AddressBar(player); // before, no page had one to keep
    player?.restyle();
    return wishes;
  }

  /** Streamlit has shown another page, or none: what was begun makes room. */
  #look() {
    const still = document.querySelector(".stApp")?.getAttribute("data-test-script-state") === "notRunning";
    this.ended = still ? this.ended ?? performance.now() : undefined;
    const over = this.ended !== undefined && performance.now() - this.ended > GIVE_UP_MS;
    if (location.pathname === this.path && !over) return;
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
if (beginning?.dataset.plotly) loadPlotly(beginning.dataset.plotly).catch(() => {}); // whoever needs it says so
/** @type {First | null} */
let first = beginning?.dataset.film ? new First(beginning) : null;

/**
 * The films that the page itself began, in the component's place; null where it began none, or another one.
 * @type {(parentElement: HTMLElement, data: PageData) => Wishes | null}
 */
export function takeOver(parentElement, data) {
  return first?.handOver(parentElement, data) ?? null;
}

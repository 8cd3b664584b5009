// The question with which a film is opened: it is true of the film, for it is one of its events that asks it.

/** @import { Header } from "../player/types.d.ts" */
/** @import { PageTable } from "./types.d.ts" */
import { make } from "../player/parts.js";

/** @type {(header: Pick<Header, "events">, opening: PageTable["words"]["opening"]) => string} */
export function questionOf({ events }, { questions, of_any: ofAny }) {
  for (const [name, words] of Object.entries(questions)) {
    const event = events.find(({ id }) => id === name);
    if (event) return words.replace("{when}", event.when);
  }
  return ofAny;
}

/** Writes the line over the film: its question, where it has one, and what to watch. @type {(place: HTMLElement, question: string, watch: string) => void} */
export function writeOpening(place, question, watch) {
  place.replaceChildren();
  if (question) {
    make("b", "", place, question);
    place.append(" ");
  }
  place.append(watch);
}

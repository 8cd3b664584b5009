// A tab's line to its room: one stream of events that comes back by itself, and answers that are sent until they arrive.

/** @import { Answer, RoomState } from "./types.d.ts" */
import { patiently, refusalOf } from "./patience.js";

const TOKEN_BYTES = 16;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 4000;
/** A phone that slept for so long has lost its stream, whatever it believes. */
const ASLEEP_MS = 10_000;
const NO_ROOM = 404;
const NOT_ANY_MORE = 409;

/** @typedef {{ heard: (state: RoomState, change: Partial<RoomState>) => void, seat?: (seat: number) => void, line: (is: "open" | "lost") => void, over: (words: string) => void }} Hearing */

export class Connection {
  /**
   * Begins to listen to the room at this address, `lab/rooms/CODE` of the lab; `query` says as whom.
   * @param {URL} room
   * @param {string} query
   * @param {Hearing} told
   */
  constructor(room, query, told) {
    this.address = new URL(`${room.href}/events?${query}`);
    this.told = told;
    /** @type {Partial<RoomState>} */
    this.state = {};
    /** @type {EventSource | null} */
    this.source = null;
    this.wait = FIRST_WAIT_MS;
    this.hiddenAt = 0;
    this.isOver = false;
    this.#listen();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.hiddenAt = Date.now();
      else if (Date.now() - this.hiddenAt > ASLEEP_MS) this.#listen();
    });
    addEventListener("online", () => this.#listen());
  }

  /** Ends the stream for good. */
  close() {
    this.isOver = true;
    this.source?.close();
  }

  #listen() {
    if (this.isOver) return;
    this.source?.close();
    const source = new EventSource(this.address);
    this.source = source;
    source.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    source.addEventListener("seat", (event) => this.told.seat?.(JSON.parse(event.data).seat));
    source.addEventListener("error", () => {
      if (this.isOver || source !== this.source) return;
      this.told.line("lost");
      if (source.readyState === EventSource.CLOSED) this.#later(); // the browser itself tries again only where no answer came
    });
  }

  /** @type {(change: Partial<RoomState>) => void} */
  #hear(change) {
    this.wait = FIRST_WAIT_MS;
    this.state = { ...this.state, ...change };
    this.told.line("open");
    this.told.heard(/** @type {RoomState} */ (this.state), change);
    if (this.state.ended) this.close();
  }

  #later() {
    setTimeout(() => this.#ask(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
  }

  /** Asks why there is no stream, which an EventSource does not say, and listens again where that has passed. */
  async #ask() {
    const asking = new AbortController();
    try {
      const answer = await fetch(this.address, { signal: asking.signal, cache: "no-store" });
      const { status } = answer;
      if (status === NO_ROOM || status === NOT_ANY_MORE) {
        const { error } = await answer.json();
        this.close();
        this.told.over(error);
      } else if (answer.ok) this.#listen();
      else this.#later();
    } catch {
      this.#later();
    } finally {
      asking.abort();
    }
  }
}

/** Sends a tab's answers, each until it has arrived or a newer one to the same question has taken its place. */
export class Answers {
  /**
   * @param {URL} room
   * @param {string} who
   * @param {(scene: number, question: number, is: "sending" | "sent", refusal?: string) => void} told
   */
  constructor(room, who, told) {
    this.address = new URL(`${room.href}/answers`);
    this.who = who;
    this.told = told;
    /** @type {Map<string, symbol>} */
    this.newest = new Map();
  }

  /** @type {(scene: number, question: number, answer: Answer) => Promise<void>} */
  async send(scene, question, answer) {
    const place = `${scene}:${question}`, mine = Symbol(place);
    const isNewest = () => this.newest.get(place) === mine;
    this.newest.set(place, mine);
    this.told(scene, question, "sending");
    const body = JSON.stringify({ who: this.who, scene, question, answer });
    const headers = { "Content-Type": "application/json" };
    const answered = await patiently(this.address, { method: "POST", body, headers }, isNewest);
    if (!answered || !isNewest()) return;
    this.newest.delete(place);
    this.told(scene, question, "sent", answered.ok ? "" : await refusalOf(answered));
  }
}

/** A new token that nobody can guess, as text. @type {() => string} */
export function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a browser lets this page keep, where it lets it: a private window may not. @type {(store: () => Storage, key: string) => string | null} */
export function kept(store, key) {
  try {
    return store().getItem(key);
  } catch {
    return null;
  }
}

/** Keeps something; answers whether that was allowed. @type {(store: () => Storage, key: string, text: string) => boolean} */
export function keep(store, key, text) {
  try {
    store().setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

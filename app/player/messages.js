// Speaks with the page around: slides that hold the lab in a frame drive it, and hear what it shows. docs/talks.md has the contract.

/** @typedef {Record<string, unknown>} Message */
/** @typedef {Record<string, (message: Message) => string>} Commands what each command does; it hands back why it cannot, or nothing */

const COMMANDS = ["play", "pause", "seek", "goto", "next", "back", "keys"];
/** The keys by which slides are turned. */
const SLIDE_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Escape"];

export class Messages {
  /**
   * Hears the page around, and nobody else. Several may stand on one page: each answers to its own commands.
   * @param {Commands} commands
   * @param {AbortSignal} signal
   */
  constructor(commands, signal) {
    this.commands = commands;
    this.around = window.parent === window ? null : window.parent;
    /** Whether the keys that turn slides are handed to the page around. */
    this.givesKeys = false;
    if (!this.around) return;
    window.addEventListener("message", (event) => this.#hear(event), { signal });
    // before all others: a key that belongs to the slides is nobody else's
    document.addEventListener("keydown", (event) => this.#giveKey(event), { capture: true, signal });
  }

  /** Tells the page around. Nothing of it is secret: whoever holds the frame may know. @type {(what: string, about?: Message) => void} */
  tell(what, about = {}) {
    this.around?.postMessage({ collapseLab: what, ...about }, "*");
  }

  /** @param {MessageEvent} event */
  #hear({ source, data }) {
    const command = data?.collapseLab;
    if (source !== this.around || typeof command !== "string") return;
    if (command === "keys") this.givesKeys = data.to === "slides";
    const act = Object.hasOwn(this.commands, command) ? this.commands[command] : null;
    const why = act ? act(data) : !COMMANDS.includes(command) && `${command.slice(0, 40)} is no command: use one of ${COMMANDS.join(", ")}.`;
    if (why) this.tell("refused", { command: command.slice(0, 40), why });
  }

  /** @param {KeyboardEvent} event */
  #giveKey(event) {
    const { key, shiftKey, target } = event;
    const writes = target instanceof Element && target.closest("input:not([type=range]), textarea, select, [contenteditable]");
    if (!this.givesKeys || writes || shiftKey || event.ctrlKey || event.metaKey || event.altKey || !SLIDE_KEYS.includes(key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.tell("key", { key });
  }
}

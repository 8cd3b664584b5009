// The presets over the film and the buttons under it.

/** @import { Film } from "../player/film.js" */
/** @import { Fields, LabState, PageTable, PresetRow } from "./types.d.ts" */
import { Config } from "../player/engine/config.js";
import { filled } from "../player/engine/film/said.js";
import { choice, wordButton } from "../player/parts.js";
import { holdsOf } from "./facts.js";
import { pinOf, readPin } from "./link.js";

/**
 * @typedef {object} Wishes what a person may ask the page for
 * @property {(changes: Partial<LabState>) => void} choose
 * @property {(values: Fields) => void} turn
 * @property {() => void} download
 * @property {() => void} goOn
 * @property {() => void} reset
 */

/** The button that comes in the place of another one. @type {Record<string, string>} */
const INSTEAD = { pin: "unpin", unpin: "pin", talk: "leave_talk", leave_talk: "talk", fast_forward: "steps_only", steps_only: "fast_forward" };
/** How a run ends after which it cannot go on. */
const ENDED = ["diverged", "stalled"];

/** The preset on stage; a run that a person pinned beside it makes no difference. @type {(state: LabState, table: PageTable) => PresetRow | undefined} */
export function presetOf({ config, pinned }, { presets, parameters }) {
  return presets.find(({ link, pin }) => Config.from(link, parameters).digest === config.digest && (pin === null || (pinned !== null && pin === pinOf(pinned))));
}

export class Actions {
  /**
   * @param {{ presets: HTMLElement, actions: HTMLElement }} places
   * @param {PageTable} table
   * @param {Wishes} wishes
   */
  constructor({ presets, actions }, table, wishes) {
    this.table = table;
    this.wishes = wishes;
    this.place = actions;
    this.presets = table.presets.map((preset) => ({ preset, button: wordButton(presets, "lab-pill", preset.name, () => this.#show(preset)) }));
    /** @type {LabState | null} */
    this.state = null;
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    const [continued, forward, steps] = ["continue", "fast_forward", "steps_only"];
    this.#button("go_on", () => wishes.goOn());
    this.#button(continued, () => this.#longer());
    this.#button(forward, () => wishes.turn({ fast_forward: table.flows_from.log_time }));
    this.#button(steps, () => wishes.turn({ fast_forward: 0 }));
    this.#button("pin", () => this.state && wishes.choose({ pinned: this.state.config }));
    this.#button("unpin", () => wishes.choose({ pinned: null }));
    this.#button("download", () => wishes.download());
    this.#button("talk", () => wishes.choose({ talk: true }));
    this.#button("leave_talk", () => wishes.choose({ talk: false }));
    this.#button("reset", () => wishes.reset());
    this.select = choice(actions, "Curves", table.panels, table.panels[0][0], (panels) => wishes.choose({ panels }));
  }

  /** Shows what can be done with a state and the film of its run, null while that is on its way or cancelled. @type {(state: LabState, film: Film | null, cancelled: boolean) => void} */
  fill(state, film, cancelled) {
    this.state = state;
    const held = document.activeElement;
    const { config, pinned, talk, controls } = state;
    const found = presetOf(state, this.table);
    for (const { preset, button } of this.presets) button.setAttribute("aria-pressed", String(preset === found));
    const ended = ENDED.includes(film?.header.outcome ?? "");
    const { name, length, most } = this.#length(config);
    const flow = name === "log_time";
    const offers = (/** @type {string} */ knob) => controls === null || controls.includes(knob);
    const fits = holdsOf(this.table.flows_from.needs, config);
    this.#set("go_on", cancelled);
    this.#set("continue", offers(name), length >= most || ended, { what: this.table.words.as_far[name], most: most.toLocaleString("en") });
    this.#set("fast_forward", !flow && !config.fast_forward && offers("fast_forward"), ended || !fits);
    if (!fits) this.buttons.get("fast_forward")?.setAttribute("title", this.table.words.no_flow);
    this.#set("steps_only", !flow && config.fast_forward > 0 && offers("fast_forward"));
    this.#set("pin", pinned === null);
    this.#set("unpin", pinned !== null);
    this.#set("download", true, film === null);
    for (const shown of ["talk", "leave_talk", "reset"]) this.#set(shown, true);
    for (const [key, button] of this.buttons) button.hidden ||= (key === "leave_talk") !== talk;
    this.#keepFocus(held);
    this.select.hidden = talk || !config.endless; // other runs have the usual set alone
    this.select.value = state.panels;
  }

  /** A button that had the focus and is gone hands it on: who works with keys stays where the work is. @type {(held: Element | null) => void} */
  #keepFocus(held) {
    const [name] = [...this.buttons].find(([, button]) => button.hidden && button === held) ?? [""];
    this.buttons.get(INSTEAD[name])?.focus();
  }

  /** @type {(name: string, act: () => void) => void} */
  #button(name, act) {
    this.buttons.set(name, wordButton(this.place, "lab-button", this.table.words.actions[name].label, act));
  }

  /** @type {(name: string, shown: boolean, disabled?: boolean, said?: Record<string, string>) => void} */
  #set(name, shown, disabled = false, said = {}) {
    const button = this.buttons.get(name);
    if (!button) return;
    button.hidden = !shown;
    button.disabled = disabled;
    button.title = filled(this.table.words.actions[name].help, said);
  }

  /** Which knob says how long a run is, and how long that is at most. @type {(config: Config) => { name: "log_time" | "steps", length: number, most: number }} */
  #length(config) {
    const name = config.method === "gradient-flow" ? "log_time" : "steps";
    return { name, length: config[name], most: this.table.parameters.known[name].high ?? Infinity };
  }

  #longer() {
    if (!this.state) return;
    const { name, length, most } = this.#length(this.state.config);
    this.wishes.turn({ [name]: Math.min(10 * length, most) });
  }

  /** What a person pinned stays, what a preset brought goes. @type {(preset: PresetRow) => void} */
  #show({ link, pin }) {
    if (!this.state) return;
    const before = presetOf(this.state, this.table);
    const own = before?.pin ? null : this.state.pinned;
    this.wishes.choose({ config: Config.from(link, this.table.parameters), pinned: pin ? readPin(pin, this.table) : own });
  }
}

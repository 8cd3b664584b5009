// Makes small parts of the page: buttons, choices, switches. Icons are drawn here: the offline film loads nothing else.

/** @type {Record<string, string>} */
const ICONS = {
  first: "M6 5v14M19 5l-9 7 9 7z", back: "M15 5l-9 7 9 7z", play: "M7 4l13 8-13 8z", pause: "M8 5v14M16 5v14",
  forward: "M9 5l9 7-9 7z", last: "M18 5v14M5 5l9 7-9 7z", loop: "M17 3l3 3-3 3M20 6H8a4 4 0 0 0-4 4v1M7 21l-3-3 3-3M4 18h12a4 4 0 0 0 4-4v-1",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", nearer: "M12 5v14M5 12h14", farther: "M5 12h14", close: "M6 6l12 12M18 6L6 18", record: "M12 6a6 6 0 1 0 0 12a6 6 0 1 0 0-12z", stop: "M7 7h10v10H7z", home: "M4 12a8 8 0 1 0 3-6M4 4v4h4",
};

/**
 * A button with an icon, a name for screen readers and a tooltip that names its key.
 * @type {(parent: Element, icon: string, label: string, key: string, act: () => void) => HTMLButtonElement}
 */
export function iconButton(parent, icon, label, key, act) {
  const button = wordButton(parent, "fp-button", "", act);
  setIcon(button, icon, label, key);
  return button;
}

/** A button with words. @type {(parent: Element, className: string, words: string, act: () => void) => HTMLButtonElement} */
export function wordButton(parent, className, words, act) {
  const button = make("button", className, parent, words);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/** @type {(button: HTMLButtonElement, icon: string, label: string, key: string) => void} */
export function setIcon(button, icon, label, key) {
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  button.setAttribute("aria-label", label);
  button.title = key ? `${label} (${key})` : label;
}

/**
 * A labelled choice. `options` are [value, words] pairs.
 * @type {(parent: Element, label: string, options: [string | number, string][], value: string | number, act: (value: string) => void) => HTMLSelectElement}
 */
export function choice(parent, label, options, value, act) {
  const select = make("select", "fp-select", parent);
  select.setAttribute("aria-label", label);
  select.title = label;
  for (const [key, words] of options) make("option", "", select, words).value = String(key);
  select.value = String(value);
  select.addEventListener("change", () => act(select.value));
  return select;
}

/**
 * A switch that says whether it is on.
 * @type {(parent: Element, words: string, on: boolean, act: (on: boolean) => void) => HTMLButtonElement}
 */
export function toggle(parent, words, on, act) {
  const button = wordButton(parent, "fp-toggle", words, () => {
    const now = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(now));
    act(now);
  });
  button.setAttribute("aria-pressed", String(on));
  return button;
}

/**
 * A new element inside `parent`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {Element} [parent]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = "", parent = undefined, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent?.append(element);
  return element;
}

/**
 * Puts words into an element that holds nothing else; words that stand there already are not laid out again.
 * @type {(element: Element, words: string) => void}
 */
export function writeWords(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/**
 * Calls `act` when an element has another size than before; a first look is no change.
 * @type {(element: Element, act: () => void) => ResizeObserver}
 */
export function onResize(element, act) {
  let size = `${element.clientWidth}x${element.clientHeight}`;
  const observer = new ResizeObserver(() => {
    const now = `${element.clientWidth}x${element.clientHeight}`;
    if (now === size) return;
    size = now;
    act();
  });
  observer.observe(element);
  return observer;
}

/**
 * The element that a selector finds, of which there must be one.
 * @type {(root: ParentNode, selector: string) => HTMLElement}
 */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return found;
}

/**
 * Whether an event's target lies within what a selector finds.
 * @type {(target: EventTarget | null, selector: string) => boolean}
 */
export function within(target, selector) {
  return target instanceof Element && target.closest(selector) !== null;
}

/** The pen of a canvas. @type {(canvas: HTMLCanvasElement) => CanvasRenderingContext2D} */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws on no canvas.");
  return context;
}

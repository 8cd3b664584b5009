// A text to copy, and the button that copies it.

import { copied } from "../player/copying.js";
import { LOOK_KEYS } from "../player/look_keys.js";

const SAID_MS = 4000;
/** @type {WeakMap<Element, AbortController>} */
const following = new WeakMap();
/** When what a status says is over. @type {WeakMap<Element, ReturnType<typeof setTimeout>>} */
const fading = new WeakMap();

/**
 * A link with how the film is looked at just now, which the player keeps in the address bar.
 * @type {(link: string) => string}
 */
export function completed(link) {
  const look = window.location.search.slice(1).split("&").filter((pair) => LOOK_KEYS.includes(pair.split("=")[0]));
  return look.length ? `${link}${link.includes("?") ? "&" : "?"}${look.join("&")}` : link;
}

/** Says something for a while. @type {(status: Element, words: string) => void} */
function say(status, words) {
  clearTimeout(fading.get(status));
  status.textContent = words;
  fading.set(status, setTimeout(() => { status.textContent = ""; }, SAID_MS));
}

/**
 * Shows a text, and copies it when asked.
 * @param {{ parentElement: HTMLElement, data: { text: string, label: string, link: boolean, copied: string, selected: string } }} component
 * @returns {() => void}
 */
export default function mountCopyable({ parentElement, data }) {
  const [shown, button, status] = parentElement.querySelectorAll(".lab-copyable > *");
  following.get(shown)?.abort();
  const abort = new AbortController();
  following.set(shown, abort);
  const text = () => (data.link ? completed(data.text) : data.text);
  const write = () => { shown.textContent = text(); };
  window.addEventListener("lab-look", write, { signal: abort.signal });
  write();
  shown.setAttribute("aria-label", data.label);
  button.setAttribute("aria-label", `Copy: ${data.label}`);
  button.addEventListener("click", async () => {
    const hasCopied = await copied(text(), () => getSelection()?.selectAllChildren(shown));
    say(status, hasCopied ? data.copied : data.selected);
  }, { signal: abort.signal });
  return () => setTimeout(() => {
    if (!shown.isConnected) abort.abort(); // called between two payloads as well
  });
}

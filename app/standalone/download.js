// Saves the page itself as a film: the same file, with the film on stage inside, and its knobs folded under it.

/** @import { Film } from "../player/film.js" */
import { carriedAsText } from "../player/carried.js";
import { find, make } from "../player/parts.js";
import { saveFile } from "../player/saving.js";

/** The page as it came, before any script changed it. */
const original = /** @type {HTMLElement} */ (document.documentElement.cloneNode(true));

/** Saves a film with the page around it, and a picture of it for where no script may run. @type {(film: Film, bytes: ArrayBuffer, picture: HTMLImageElement, name: string) => Promise<void>} */
export async function saveFilm(film, bytes, picture, name) {
  const page = /** @type {HTMLElement} */ (original.cloneNode(true));
  for (const script of page.querySelectorAll("script[src], script[data-runs]")) script.remove();
  const parts = [...page.querySelectorAll('script[type="text/plain"]')];
  const texts = await Promise.all(parts.map(({ id }) => carriedAsText(id)));
  parts.forEach((part, i) => { part.textContent = texts[i]; });
  find(page, "#film").textContent = await packedText(bytes);
  const title = film.header.title;
  find(page, "title").textContent = `${title} · Collapse Lab`;
  find(page, ".lab").dataset.form = "film";
  find(page, ".fp-heading").textContent = title;
  find(page, ".fp-caption").textContent = film.header.caption;
  find(page, ".lab-begins").replaceChildren(); // of the film with which the page came
  find(page, ".lab-ends").replaceChildren(picture);
  find(page, ".lab-watch").textContent = "";
  const said = find(page, ".lab-sentences");
  said.replaceChildren();
  for (const sentence of film.header.sentences ?? []) make("p", "", said, sentence);
  saveFile(new Blob([`<!doctype html>\n${page.outerHTML}\n`], { type: "text/html" }), `${name}.html`);
}

/** Bytes as a page carries them. @type {(bytes: ArrayBuffer) => Promise<string>} */
async function packedText(bytes) {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  const letters = new Uint8Array(await new Response(packed).arrayBuffer());
  let text = "";
  for (let i = 0; i < letters.length; i += 0x8000) text += String.fromCharCode(...letters.subarray(i, i + 0x8000));
  return btoa(text);
}

// Takes out what a page carries inside: scripts and films, compressed, as the text of elements that do nothing.
// What is carried so needs no request, and a third of the bytes.

import { bytesOf } from "./base64.js";

/** The first browsers that unpack: what a person with an older one needs to know. */
const TOO_OLD = "This page needs a browser of 2023 or later, such as Chrome 80, Firefox 113 or Safari 16.4: this one cannot unpack what the page carries.";

/**
 * The bytes that the element with this id carries.
 * @throws {Error} one sentence saying why there are none
 * @type {(id: string) => Promise<ArrayBuffer>}
 */
export async function carried(id) {
  if (typeof DecompressionStream === "undefined") throw new Error(TOO_OLD);
  const packed = await carriedAsText(id);
  try {
    const plain = new Blob([bytesOf(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(plain).arrayBuffer();
  } catch {
    throw damage(id);
  }
}

/** The script or other text that the element with this id carries. @type {(id: string) => Promise<string>} */
export async function textOfCarried(id) {
  return new TextDecoder().decode(await carried(id));
}

/**
 * Runs a script that the page carries; the page's policy names it by its digest.
 * @type {(id: string, kind?: "module" | "text/javascript") => Promise<void>}
 */
export async function runCarried(id, kind = "text/javascript") {
  const script = document.createElement("script");
  script.type = kind;
  script.dataset.runs = id;
  script.textContent = await textOfCarried(id);
  document.head.append(script);
}

/** Longer no page waits for its first picture: one that is hidden is never painted. */
const PATIENCE_FOR_PAINT_MS = 1000;

/** Waits until what stands in the page has been painted for the first time. @type {() => Promise<void>} */
export function painted() {
  return new Promise((done) => {
    setTimeout(done, PATIENCE_FOR_PAINT_MS);
    new PerformanceObserver(() => done()).observe({ type: "paint", buffered: true });
  });
}

/** What an element carries, packed, once all of it is there. @type {(id: string) => Promise<string>} */
export async function carriedAsText(id) {
  const element = document.getElementById(id);
  if (element?.textContent && element.nextSibling) return element.textContent;
  if (document.readyState === "complete") throw damage(id);
  await new Promise((heard) => {
    for (const news of ["readystatechange", "carried"]) document.addEventListener(news, heard, { once: true });
  });
  return carriedAsText(id);
}

/** What is wrong where a part of a page is missing. @type {(id: string) => Error} */
export function damage(id) {
  return new Error(`This page is damaged, or did not arrive whole: its part "${id}" is missing. Load or download it again.`);
}
